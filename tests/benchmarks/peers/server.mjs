// The peer: @neo4j/graphql on Node, over the graph that Tiegraph filled, for whoever asks.
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { Neo4jGraphQL } from '@neo4j/graphql';
import { createYoga } from 'graphql-yoga';
import neo4j from 'neo4j-driver';

const [uri, user, password, port, processes] = process.argv.slice(2);
const typeDefs = /* GraphQL */ `
  type Subscriber @node(labels: ["Subscriber"]) {
    subscriber_id: String!
    status: String
    contacts: [Subscriber!]!
      @relationship(type: "CONTACTED", direction: OUT, properties: "Contacted", queryDirection: UNDIRECTED)
  }
  type Contacted @relationshipProperties {
    events: Int
    calls: Int
    duration_s: Int
  }
`;
if (cluster.isPrimary && Number(processes) > 1) {
  for (let n = 0; n < Number(processes); n++) cluster.fork();
  process.on('SIGTERM', () => { for (const worker of Object.values(cluster.workers)) worker.kill(); process.exit(); });
} else {
  await serve();
}

async function serve() {
  const driver = neo4j.driver(uri, neo4j.auth.basic(user, password));
  const schema = await new Neo4jGraphQL({ typeDefs, driver }).getSchema();
  const yoga = createYoga({ schema, logging: 'error', graphiql: false });
  createServer(yoga).listen(Number(port), '127.0.0.1');
}
