// Watches a group over HTTP, in a process of its own so that its CPU is not the server's: node bench/lib/watchers.mjs URL
// TOKEN NUMBER. Prints a line once all streams are open, and another with how many messages each has seen by the end.
const [url, token, number] = process.argv.slice(2);

const streams = await Promise.all(
  Array.from({ length: Number(number) }, async () => {
    const { ok, status, body } = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
    if (!ok) throw new Error(`HTTP ${status}`);
    return body;
  }),
);
process.stdout.write('watching\n');
const seen = streams.map(async stream => {
  let [count, rest] = [0, ''];
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('"type":"session_message"');
    count += parts.length - 1;
    rest = parts.at(-1).slice(-40);
  }
  return count;
});
process.stdout.write(`${JSON.stringify(await Promise.all(seen))}\n`);
