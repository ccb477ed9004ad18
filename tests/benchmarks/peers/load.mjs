// Asks a service for a while and prints what autocannon saw, as one JSON object.
import autocannon from 'autocannon';
import { readFileSync } from 'node:fs';

const { url, headers, bodies, connections, duration } = JSON.parse(readFileSync(0, 'utf8'));
const requests = bodies.map((body) => ({ method: 'POST', path: new URL(url).pathname, headers, body }));
let clients = 0;
const found = await autocannon({
  url,
  connections,
  duration,
  setupClient(client) {
    // Each begins elsewhere in the list: nobody asks the same at the same time.
    const begin = Math.floor((clients++ * requests.length) / connections);
    client.setRequests([...requests.slice(begin), ...requests.slice(0, begin)]);
  },
});
const { latency, errors, timeouts, non2xx, duration: seconds } = found;
const answered = found['2xx'];
console.log(JSON.stringify({
  rate: answered / seconds, p50_ms: latency.p50, p99_ms: latency.p99, answered,
  failed: errors + timeouts + non2xx,
}));
