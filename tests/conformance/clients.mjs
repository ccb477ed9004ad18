// Asks the service at URL as its clients do, and prints what came of it as one JSON object.
import { serverAudits } from 'graphql-http';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { Client, createRequest, fetchExchange, makeOperation, subscriptionExchange } from '@urql/core';

const url = process.argv[2];
const place = process.argv[3];
const socketUrl = url.replace('http', 'ws');
const VIEWER = '{ viewer { role } }';
const CHANGES = 'subscription { problem { problem { key state } event { action } } }';
const PLACE = `subscription { placeExperience(h3: "${place}") { cei } }`;

async function audits() {
  const found = [];
  for (const audit of serverAudits({ url, fetchFn: fetch })) {
    const { status, reason } = await audit.fn();
    found.push({ id: audit.id, status, reason });
  }
  return found;
}

function first(client, query) {
  return new Promise((resolve, reject) => {
    const dispose = client.subscribe({ query }, {
      next: (result) => { resolve(result); setTimeout(dispose, 0); },
      error: (error) => reject(error instanceof Error ? error : new Error(JSON.stringify(error))),
      complete: () => reject(new Error('nothing came')),
    });
  });
}

function urql() {
  const sockets = createSocketClient({ url: socketUrl, lazyCloseTimeout: 5000, shouldRetry: () => true });
  const forwardSubscription = ({ query, variables }) => ({
    subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ query, variables }, sink) }),
  });
  const client = new Client({
    url,
    preferGetMethod: false,
    exchanges: [fetchExchange, subscriptionExchange({ forwardSubscription })],
  });
  return { client, sockets };
}

async function change() {
  // One acts by urql; all three who listen are told.
  const sse = createSseClient({ url, retryAttempts: 0 });
  const { client, sockets } = urql();
  const listening = [
    first(sockets, CHANGES),
    first(sse, CHANGES),
    new Promise((resolve) => {
      const { unsubscribe } = client.subscription(CHANGES, {}).subscribe((result) => {
        resolve({ data: result.data });
        setTimeout(() => unsubscribe(), 0);
      });
    }),
  ];
  await new Promise((resolve) => setTimeout(resolve, 300));
  const text = 'mutation ($key: ID!) { commentProblem(key: $key, text: "seen") { key } }';
  const done = await client.mutation(text, { key: 'p' }).toPromise();
  const told = await Promise.all(listening);
  await sockets.dispose();
  sse.dispose();
  return { done: done.data, told };
}

async function named() {
  const { client, sockets } = urql();
  const document = { kind: 'Document', definitions: [], documentId: 'viewer' };
  const context = { url, preferGetMethod: false, requestPolicy: 'network-only' };
  const operation = makeOperation('query', createRequest(document, {}), context);
  const { data, error } = await new Promise((resolve) => {
    client.executeRequestOperation(operation).subscribe(resolve);
  });
  await sockets.dispose();
  if (error) throw error;
  return data;
}

const sockets = createSocketClient({ url: socketUrl, lazyCloseTimeout: 5000, shouldRetry: () => true });
const sse = createSseClient({ url, retryAttempts: 0 });
const answered = {
  audits: await audits(),
  socketQuery: await first(sockets, VIEWER),
  sseQuery: await first(sse, VIEWER),
  socketPlace: await first(sockets, PLACE),
  ssePlace: await first(sse, PLACE),
  change: await change(),
  named: await named(),
};
await sockets.dispose();
sse.dispose();
console.log(JSON.stringify(answered));
