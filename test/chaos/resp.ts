// Redis' wire protocol (RESP2) as it passes by: values out of chunks, whatever the chunks are.

/** Arrays as arrays, integers and texts as text, errors with a leading `-`, nil as null; a long text as `#` and its length. */
export type RespValue = string | null | readonly RespValue[];

/** Longer texts are profiles, documents and scripts: only their length is kept. */
const keptBytesMax = 200;

const newline = 0x0a;

/** A reader of one direction of one connection: it is given every chunk in turn, and tells of every value that is complete. */
export function respReader(take: (value: RespValue) => void): (chunk: Buffer) => void {
  const open: { left: number; readonly items: RespValue[] }[] = [];
  let line = '';
  let bulk: { left: number; readonly length: number; text: string } | undefined;

  function add(value: RespValue): void {
    let done = value;
    for (;;) {
      const outer = open.at(-1);
      if (outer === undefined) break;
      outer.items.push(done);
      outer.left -= 1;
      if (outer.left > 0) return;
      open.pop();
      done = outer.items;
    }
    take(done);
  }

  function begin(header: string): void {
    const kind = header[0];
    const rest = header.slice(1);
    const count = Number(rest);
    if (kind === '$' && count >= 0) bulk = { left: count + 2, length: count, text: '' };
    else if (kind === '*' && count > 0) open.push({ left: count, items: [] });
    else if (kind === '*' && count === 0) add([]);
    else if (kind === '$' || kind === '*') add(null);
    else add(kind === '-' ? header : rest);
  }

  function fill(current: NonNullable<typeof bulk>, chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + current.left);
    if (current.length <= keptBytesMax) current.text += chunk.toString('latin1', at, end);
    current.left -= end - at;
    if (current.left === 0) {
      bulk = undefined;
      add(current.length <= keptBytesMax ? current.text.slice(0, -2) : `#${current.length}`);
    }
    return end;
  }

  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (bulk !== undefined) {
        at = fill(bulk, chunk, at);
        continue;
      }
      const end = chunk.indexOf(newline, at);
      line += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
      if (end < 0) return;
      at = end + 1;
      const header = line.endsWith('\r') ? line.slice(0, -1) : line;
      line = '';
      begin(header);
    }
  };
}
