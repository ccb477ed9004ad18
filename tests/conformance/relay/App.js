import { graphql } from 'relay-runtime';

graphql`
  query AppQuery($key: ID!) {
    subscriber(key: $key) {
      id
      ...App_contacts
    }
  }
`;

graphql`
  fragment App_contacts on Subscriber
  @argumentDefinitions(count: { type: "Int", defaultValue: 10 }, cursor: { type: "String" })
  @refetchable(queryName: "AppContactsQuery") {
    contacts(first: $count, after: $cursor) @connection(key: "App_contacts") {
      totalCount
      edges { events node { id key } }
    }
  }
`;

graphql`
  subscription AppProblemSubscription {
    problem { problem { id state } event { action } }
  }
`;

graphql`
  mutation AppAcknowledgeMutation($key: ID!) {
    acknowledgeProblem(key: $key) { id state }
  }
`;
