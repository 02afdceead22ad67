// The key under which an event travels: its prediction id, so that a prediction and its label meet in one partition.

/**
 * The prediction id of an event as text, read without judging the rest of the event; undefined where there is none. Takes
 * the bytes of a JSON object, or an object that a file reader made of a row.
 */
export function eventKey(payload: Uint8Array | object): string | undefined {
  const row = payload instanceof Uint8Array ? parsed(payload) : payload;
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, 'prediction_id')) return undefined;
  const id = (row as { readonly prediction_id: unknown }).prediction_id;
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

const decoder = new TextDecoder();

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    // Undecodable bytes have no key; the decoder gives them their reason.
    return undefined;
  }
}
