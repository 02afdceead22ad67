// Reference files into a baseline: one pass to freeze bins and categories, one to count the whole and its chunks, and where
// rows are labelled one for the quality.
import { sealBaseline } from '../codec/baseline.ts';
import { decodePrediction, type EventLimits } from '../codec/event.ts';
import { planChunks } from '../drift/chunk-plan.ts';
import { chunkSizes, emptyReferenceChunks, observeReferenceRow } from '../drift/reference-chunks.ts';
import { Fault } from '../fault.ts';
import type { EventFile } from '../io/files/event-file.ts';
import type { Baseline } from '../profile/baseline.ts';
import { sortedNumbers } from '../profile/column-sample.ts';
import type { PredictionEvent, RejectReason } from '../profile/event.ts';
import {
  emptyReference,
  type FreezeOptions,
  freezeProblems,
  freezeSchema,
  type Reference,
  sampledCounts,
  sampleEvent,
} from '../profile/freeze.ts';
import { emptyProfile, observePrediction } from '../profile/profile.ts';
import type { ReferenceQuality } from '../profile/reference-quality.ts';
import { emptyQualityBuild, observeLabelledRow, referenceQuality } from '../quality/reference-build.ts';

export interface BuildOptions extends Omit<FreezeOptions, 'model'> {
  /** The model whose events count; the only one in the files when absent. */
  readonly model?: string;
  /** Event time, epoch milliseconds: from ≤ timestamp < to. */
  readonly from?: number;
  readonly to?: number;
  readonly provenance: Baseline['provenance'];
  readonly signal: AbortSignal;
  /** Told after every batch how much of the work is done, 0 to 1, and how many events it was. */
  readonly progressed: (part: number, events: number) => void;
}

export interface Built {
  readonly baseline: Baseline;
  /** Events that could not be read, by reason. */
  readonly rejects: ReadonlyMap<RejectReason, number>;
  /** Events of other models, or outside the time range. */
  readonly passedOver: number;
}

/** Reference data are read as they are: what is too much for a live event is not too much here. */
const limits: EventLimits = { eventBytes: 8 << 20, featuresPerEvent: 100_000, nameLength: 256 };

/** Without labels the last one is left out. */
const passesMax = 3;

/** What became of the events of one pass. */
export interface Pass {
  readonly rejects: Map<RejectReason, number>;
  passedOver: number;
  events: number;
}

/**
 * Builds a baseline from files, each of which is read twice, or three times where there are labels. Throws INPUT_UNSUPPORTED when the data do not make one:
 * no readable event, several models and none chosen, or what `freezeProblems` says. Undefined when the signal came.
 */
export async function buildBaseline(
  files: readonly EventFile[],
  options: BuildOptions,
): Promise<Built | undefined> {
  const hasTime = files.every((file) => file.hasTime);
  if (!hasTime && (options.from !== undefined || options.to !== undefined)) {
    throw new Fault('USAGE', '--from and --to need a time: name its column with --timestamp');
  }
  let reference: Reference | undefined;
  const first = await eachEvent(files, options, 0, (event) => {
    reference ??= emptyReference({ ...options, model: options.model ?? event.model });
    if (event.model !== reference.options.model) throw severalModels(reference.options.model, event.model);
    sampleEvent(reference, event);
  });
  if (options.signal.aborted) return undefined;
  if (reference === undefined) throw noEvents(options.model, first);
  const problems = freezeProblems(reference);
  if (problems.length > 0) throw new Fault('INPUT_UNSUPPORTED', problems.join(' '));
  const baseline = await countedBaseline(files, options, reference, hasTime);
  const quality = await countedQuality(files, options, reference, baseline, hasTime);
  if (options.signal.aborted) return undefined;
  const sealed = sealBaseline(quality === undefined ? baseline : { ...baseline, quality });
  return { baseline: sealed, rejects: first.rejects, passedOver: first.passedOver };
}

async function countedBaseline(
  files: readonly EventFile[],
  options: BuildOptions,
  reference: Reference,
  hasTime: boolean,
): Promise<Baseline> {
  const schema = freezeSchema(reference);
  const profile = emptyProfile(schema);
  let start = Infinity;
  let end = -Infinity;
  const times = hasTime
    ? { sorted: sortedNumbers(reference.times), inOrder: reference.isInTimeOrder }
    : undefined;
  const plan = planChunks(reference.rows, schema.columns.length, times);
  const chunks = emptyReferenceChunks(plan, schema, sampledCounts(reference, schema));
  await eachEvent(files, options, 1, (event) => {
    observeReferenceRow(chunks, event, profile.rows);
    observePrediction(profile, schema, event);
    start = Math.min(start, event.timestamp);
    end = Math.max(end, event.timestamp);
  });
  return {
    schema,
    profile,
    chunks: chunkSizes(chunks, profile),
    period: hasTime ? { start, end } : { start: null, end: null },
    provenance: options.provenance,
  };
}

/** Labels are counted by groups that follow from the whole, so that it has to be there first. Undefined where no row has one. */
async function countedQuality(
  files: readonly EventFile[],
  options: BuildOptions,
  reference: Reference,
  baseline: Baseline,
  hasTime: boolean,
): Promise<ReferenceQuality | undefined> {
  const { label, rows } = reference;
  const isRegression = baseline.schema.task === 'regression';
  const isLabelled = isRegression ? label.numeric > 0 : label.names.size > 0;
  if (!isLabelled || (!isRegression && baseline.schema.classes === undefined)) return undefined;
  const build = emptyQualityBuild(baseline, sortedNumbers(label), {
    rows,
    times: hasTime ? sortedNumbers(reference.times) : new Float64Array(0),
    inOrder: reference.isInTimeOrder,
  });
  let row = 0;
  await eachEvent(files, options, 2, (event) => {
    observeLabelledRow(build, event, row);
    row += 1;
  });
  return referenceQuality(build);
}

/** What chooses events, and what is told of them. */
export type PassOptions = Pick<BuildOptions, 'model' | 'from' | 'to' | 'signal' | 'progressed'>;

/** One pass over all files, with every event that counts; `pass` counts them from 0. */
export async function eachEvent(
  files: readonly EventFile[],
  options: PassOptions,
  pass: 0 | 1 | 2,
  take: (event: PredictionEvent) => void,
): Promise<Pass> {
  const { model, from = -Infinity, to = Infinity } = options;
  const seen: Pass = { rejects: new Map(), passedOver: 0, events: 0 };
  for (const [index, file] of files.entries()) {
    for await (const payloads of file.batches()) {
      if (options.signal.aborted) return seen;
      for (const payload of payloads) {
        const event = decodePrediction(payload, limits);
        if (event.kind === 'reject')
          seen.rejects.set(event.reason, (seen.rejects.get(event.reason) ?? 0) + 1);
        else if (event.timestamp < from || event.timestamp >= to) seen.passedOver += 1;
        else if (model !== undefined && event.model !== model) seen.passedOver += 1;
        else take(event);
      }
      seen.events += payloads.length;
      options.progressed((pass + (index + file.progress()) / files.length) / passesMax, seen.events);
    }
  }
  return seen;
}

function severalModels(one: string, other: string): Fault {
  return new Fault(
    'INPUT_UNSUPPORTED',
    `there are events of several models, such as "${one}" and "${other}"; choose one with --model`,
  );
}

function noEvents(model: string | undefined, { rejects, passedOver }: Pass): Fault {
  const reasons = [...rejects].map(([reason, count]) => `${count} × ${reason}`);
  if (passedOver > 0)
    reasons.push(`${passedOver} of another ${model === undefined ? 'time' : 'model or time'}`);
  const what = model === undefined ? 'no event could be read' : `no event of model "${model}" could be read`;
  return new Fault('INPUT_UNSUPPORTED', reasons.length === 0 ? what : `${what}: ${reasons.join(', ')}`);
}
