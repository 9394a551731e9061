// Hear lived from JavaScript: node subscriber.mjs [/run/lived] prints events, and the level of the microphone
import { Subscriber } from "zeromq";

const folder = process.argv[2] ?? "/run/lived";
const [sound, events] = [new Subscriber(), new Subscriber()];
sound.connect(`ipc://${folder}/audio.sock`);
events.connect(`ipc://${folder}/event.sock`);
sound.subscribe("mic/");
events.subscribe("floor/", "transcript/", "cut/");

async function hear() {
  let next; // position behind the last chunk, and the epoch it belongs to
  let epoch;
  for await (const [, header, pcm] of sound) {
    const position = header.readBigUInt64LE(16);
    const muted = header.readUInt8(3) & 2; // muted or closed: nothing was lost
    const lost = header.readBigUInt64LE(8) === epoch && position > next && !muted ? position - next : 0n;
    epoch = header.readBigUInt64LE(8);
    next = position + BigInt(pcm.length / (2 * header.readUInt8(2)));
    let level = 0;
    for (let at = 0; at < pcm.length; at += 2) level = Math.max(level, Math.abs(pcm.readInt16LE(at)));
    if (lost || next % 16000n === 0n) console.log(JSON.stringify({ position: Number(position), level, lost: Number(lost) }));
  }
}

async function read() {
  for await (const [, json] of events) console.log(json.toString());
}

await Promise.all([hear(), read()]);
