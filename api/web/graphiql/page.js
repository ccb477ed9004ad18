// The GraphiQL page of /graphql. `make graphiql` bundles it into assets/, which are committed:
// the service itself needs neither Node nor any outside host.
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/graphiql.css";
import "./page.css";

const example = `# Who is most connected, and with whom?
# Run it with Ctrl-Enter.
#
# UNAUTHENTICATED? Make a token by
#   tiegraph token --role analyst
# and write it under "Headers" below:
#   {"Authorization": "Bearer ..."}

query MostConnected {
  subscribers(first: 3, orderBy: { field: CONTACTS, direction: DESC }) {
    totalCount
    nodes {
      key
      namespace
      traffic {
        events
        contacts
        firstAt
        lastAt
      }
      contacts(first: 5) {
        edges {
          events
          isFriend
          outgoing {
            calls
            missed
            messages
            durationS
          }
          node {
            key
          }
        }
      }
    }
  }
}
`;

async function ask(request, { headers } = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(request),
  });
  return response.json();
}

createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, { fetcher: ask, defaultQuery: example, shouldPersistHeaders: false }),
);
