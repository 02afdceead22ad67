// Predictions of many models at a fixed rate, with event times of now: what the benches feed a running Driftline.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeBaseline, encodeBaseline, sealBaseline } from '../../src/codec/baseline.ts';
import type { KafkaProducer } from '../../src/io/kafka/producer.ts';
import { normal, uniform } from '../drift/random.ts';
import { finish } from '../integration/driftline-process.ts';

export interface StreamShape {
  readonly models: number;
  readonly features: number;
}

/** Rows that differ from each other; they come again and again in another order. */
const distinctRows = 2_000;
const referenceRows = 5_000;

/** Events come up to so much out of order. */
const disorderMs = 2_000;

/** How often the producer hands over what has fallen due. */
const tickMs = 20;

export const modelNames = ({ models }: StreamShape): string[] =>
  Array.from({ length: models }, (_, i) => modelName(i));

const modelName = (index: number): string => `model-${String(index).padStart(3, '0')}`;

/** One row in five is a category, one a whole number, three are reals. */
function featuresText(count: number, random: () => number): string {
  const values = Array.from({ length: count }, (_, i): [string, unknown] => {
    const name = `feature_${String(i).padStart(3, '0')}`;
    if (i % 5 === 4) return [name, ['de', 'fr', 'it', 'es', 'pl', 'nl'][Math.floor(6 * random() ** 2)]];
    if (i % 5 === 3) return [name, Math.round(20 * normal(random))];
    return [name, Number(Math.exp(normal(random)).toPrecision(5))];
  });
  const score = Number(random().toFixed(6));
  const rest = { features: Object.fromEntries(values), prediction: score > 0.7 ? 1 : 0, score };
  return JSON.stringify(rest).slice(1);
}

const idDigits = 10;
const timeDigits = 13;

function headOf(model: string, id: number, time: number): string {
  const digits = String(id).padStart(idDigits, '0');
  return `{"prediction_id":"p-${digits}","model":"${model}","model_version":"1","timestamp":${time},`;
}

/**
 * Builds the baseline of one model by the command, gives it to every model under its own name, and returns the paths in the
 * order of `modelNames`.
 */
export async function writeBaselines(folder: string, shape: StreamShape): Promise<string[]> {
  const random = uniform(1);
  const rows = Array.from(
    { length: referenceRows },
    (_, i) => headOf(modelName(0), i, 1_700_000_000_000 + i * 10_000) + featuresText(shape.features, random),
  );
  const [reference, first] = [join(folder, 'reference.ndjson'), join(folder, 'reference.json')];
  await writeFile(reference, `${rows.join('\n')}\n`);
  const built = await finish(['baseline', 'build', reference, '--task', 'binary', '-o', first]);
  if (built.code !== 0) throw new Error(`baseline build ended with ${built.code}:\n${built.stderr}`);
  const baseline = decodeBaseline(await readFile(first, 'utf8'));
  return Promise.all(
    modelNames(shape).map(async (model) => {
      const path = join(folder, `${model}.json`);
      const own = sealBaseline({ ...baseline, schema: { ...baseline.schema, model } });
      await writeFile(path, encodeBaseline(own));
      return path;
    }),
  );
}

export interface EventStream {
  /** The next event, `now` at the latest; its key is the prediction's id. */
  next(now: number): { readonly key: string; readonly value: Uint8Array };
  readonly eventBytes: number;
}

/** An endless stream, the same for the same shape but for the times. */
export function eventStream(shape: StreamShape): EventStream {
  const random = uniform(2);
  const rows = Array.from({ length: distinctRows }, () =>
    Buffer.from(headOf(modelName(0), 0, 1_000_000_000_000) + featuresText(shape.features, random)),
  );
  const idAt = '{"prediction_id":"p-'.length;
  const modelAt = idAt + idDigits + '","model":"model-'.length;
  const timeAt = modelAt + 3 + '","model_version":"1","timestamp":'.length;
  let count = 0;
  return {
    next(now) {
      // A stride without common divisor: a model does not see the same few rows.
      const value = Buffer.from(rows[(count * 7) % (distinctRows - 1)]!);
      const id = String(count).padStart(idDigits, '0');
      value.write(id, idAt, 'latin1');
      value.write(String(count % shape.models).padStart(3, '0'), modelAt, 'latin1');
      const late = (count * 7919) % disorderMs;
      value.write(String(now - late).padStart(timeDigits, '0'), timeAt, 'latin1');
      count += 1;
      return { key: `p-${id}`, value };
    },
    eventBytes: Math.round(rows.reduce((sum, row) => sum + row.length, 0) / rows.length),
  };
}

export interface Produced {
  readonly events: number;
  readonly seconds: number;
}

/**
 * Sends `rate` events per second until the signal aborts. Where the brokers are too slow for it, it falls behind and says
 * so by what it returns; it does not catch up later than a second.
 */
export async function produce(
  producer: KafkaProducer,
  topic: string,
  stream: EventStream,
  rate: number,
  until: AbortSignal,
): Promise<Produced> {
  const startedAt = performance.now();
  let due = 0;
  let lastAt = startedAt;
  let events = 0;
  while (!until.aborted) {
    const now = performance.now();
    due = Math.min(due + (rate * (now - lastAt)) / 1000, rate);
    lastAt = now;
    const count = Math.floor(due);
    due -= count;
    const wall = Date.now();
    const records = Array.from({ length: count }, () => stream.next(wall));
    if (count > 0) await producer.sendRecords(topic, records);
    events += count;
    const rest = tickMs - (performance.now() - now);
    if (rest > 0) await new Promise((wake) => setTimeout(wake, rest));
  }
  return { events, seconds: (performance.now() - startedAt) / 1000 };
}
