// Server-sent events read from a fetch response, so that the bearer token stays in a header.

const SILENCE = 45000; // ms without a byte, heartbeats included, after which the line counts as dead

/** Yield {id, event, data} for each event; comments are skipped, data is parsed JSON. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await within(reader.read());
      if (done) return;
      const blocks = (rest + value).replaceAll("\r\n", "\n").split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) yield* parsed(block);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** Wait longer after each failed attempt `n` (0.5 s doubling to 15 s), less if the network returns. */
export function backoff(n) {
  const wait = Math.min(15000, 500 * 2 ** n) * (0.75 + Math.random() / 2);
  return new Promise((resolve) => {
    setTimeout(resolve, wait);
    addEventListener("online", resolve, { once: true });
  });
}

function within(reading) {
  let timer;
  const silence = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("The event stream fell silent.")), SILENCE);
  });
  return Promise.race([reading, silence]).finally(() => clearTimeout(timer));
}

function* parsed(block) {
  const event = { id: null, event: "message", data: "" };
  for (const line of block.split("\n")) read(line, event);
  if (event.data) yield { ...event, data: JSON.parse(event.data) };
}

function read(line, event) {
  const [, field, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
  if (field === "id") event.id = Number(value);
  else if (field === "event") event.event = value;
  else if (field === "data") event.data += (event.data && "\n") + value;
}
