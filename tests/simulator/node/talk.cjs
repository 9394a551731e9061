// A conversation by Google's SDK for JavaScript, unpatched. Configuration as JSON in the first argument:
//   baseUrl, key, model, wav (a question: s16le at 16 kHz behind a 44-byte header), tools (declarations)
// What came of it goes to stdout as one line of JSON. Exits with 1 when the server ends it.
"use strict";
const fs = require("node:fs");
const { GoogleGenAI, Modality } = require("@google/genai");

const { baseUrl, key, model, wav, tools } = JSON.parse(process.argv[2]);
const CHUNK = 640; // 20 ms

/** One turn at a time: what the server says until turnComplete. */
class Turns {
  #wake = () => {};
  #frames = [];

  push(message) {
    this.#frames.push(message);
    this.#wake();
  }

  async next(session) {
    const turn = { pcm: [], input: "", output: "", calls: [] };
    for (;;) {
      while (this.#frames.length === 0) await new Promise((resolve) => (this.#wake = resolve));
      if (this.#take(session, turn, this.#frames.shift())) return { ...turn, pcm: Buffer.concat(turn.pcm) };
    }
  }

  #take(session, turn, message) {
    for (const call of message.toolCall?.functionCalls ?? []) {
      turn.calls.push({ name: call.name, args: call.args });
      session.sendToolResponse({ functionResponses: [{ id: call.id, name: call.name, response: { result: "21 degrees" } }] });
    }
    const content = message.serverContent ?? {};
    for (const part of content.modelTurn?.parts ?? []) {
      if (part.inlineData) turn.pcm.push(Buffer.from(part.inlineData.data, "base64"));
    }
    turn.input += content.inputTranscription?.text ?? "";
    turn.output += content.outputTranscription?.text ?? "";
    return content.turnComplete === true;
  }
}

function ask(session) {
  const pcm = fs.readFileSync(wav).subarray(44);
  for (let at = 0; at < pcm.length; at += CHUNK) {
    const data = pcm.subarray(at, at + CHUNK).toString("base64");
    session.sendRealtimeInput({ audio: { data, mimeType: "audio/pcm;rate=16000" } });
  }
  session.sendRealtimeInput({ audioStreamEnd: true });
}

async function main() {
  const ai = new GoogleGenAI({ apiKey: key, apiVersion: "v1alpha", httpOptions: { baseUrl } });
  const models = [];
  for await (const found of await ai.models.list({ config: { pageSize: 2 } })) models.push(found.name);
  const token = await ai.authTokens.create({ config: { uses: 1 } });
  const turns = new Turns();
  const holder = new GoogleGenAI({ apiKey: token.name, apiVersion: "v1alpha", httpOptions: { baseUrl } });
  const session = await holder.live.connect({
    model,
    config: {
      responseModalities: [Modality.AUDIO],
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      ...(tools ? { tools: [{ functionDeclarations: tools }] } : {}),
    },
    callbacks: {
      onmessage: (message) => turns.push(message),
      onerror: (error) => console.error("error", error.message),
      onclose: (event) => {
        console.error("closed", event.code, event.reason);
        process.exit(1);
      },
    },
  });
  session.sendRealtimeInput({ text: "Good morning." });
  const typed = await turns.next(session);
  ask(session);
  const spoken = await turns.next(session);
  const told = [typed, spoken].map((turn) => ({ ...turn, pcm: turn.pcm.toString("base64") }));
  const line = JSON.stringify({ models, typed: told[0], spoken: told[1] });
  process.stdout.write(`${line}\n`, () => process.exit(0)); // a pipe takes its time
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
