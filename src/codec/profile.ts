// A profile as bytes: what the store keeps of one (model, version, segment, window). Encoding reads and changes nothing, so
// that a profile stored at other moments ends in the same bytes.
//
//   "DLP" version   text baseline hash   varint rows   varint unknown features   varint columns, each:
//   text name   u8 kind   varint missing, invalid
//   numeric:      varint nonfinite   moments   bins   varint length, t-digest with the raw values that wait   distinct
//   categorical:  varint categories × { text name, varint count }   varint unseen   varint error, names × { text, varint }   distinct
//   moments:      varint n   where n > 0: varint zeros   f64 min, max, mean, m2, m3
//   bins:         varint bins (0: none)   until all are named: { varint count, f64 sum } or { 0, varint empty bins that follow }
//   distinct:     see distinct.ts; version 1 has none
//   scores:       by predicted class, see score-counts.ts; from version 3 on
//   u32 CRC-32 of everything before
//
// Categories are named, not numbered, and columns too: the bytes outlive the baseline that they were counted with.
import { Fault } from '../fault.ts';
import type { CategoricalColumn, NumericColumn } from '../profile/column.ts';
import { emptyColumn, emptyProfile, type Profile } from '../profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../profile/schema.ts';
import type { Bins } from '../sketch/bins.ts';
import type { CategorySummary } from '../sketch/category-summary.ts';
import { emptyDistinct, observeDistinctText } from '../sketch/distinct.ts';
import { observeName } from '../sketch/heavy-hitters.ts';
import type { Moments } from '../sketch/moments.ts';
import { pendingMax } from '../sketch/numeric-summary.ts';
import {
  type ByteReader,
  type ByteWriter,
  openWriter,
  readByte,
  readBytes,
  readCount,
  readDouble,
  readText,
  readVarint,
  remaining,
  writeByte,
  writeBytes,
  writeDouble,
  writeText,
  writeVarint,
} from './bytes.ts';
import { decodeDigest, encodeDigest } from './digest.ts';
import { readDistinct, writeDistinct } from './distinct.ts';
import { beginEnvelope, type Envelope, openEnvelope, sealed } from './envelope.ts';
import { readClassScores, writeClassScores } from './score-counts.ts';

/** The last versions without distinct values, and without scores by class. */
const versionBeforeDistinct = 1;
const versionBeforeScores = 2;
const envelope: Envelope = {
  magic: [0x44, 0x4c, 0x50],
  versions: { oldest: versionBeforeDistinct, newest: 3 },
};
const kinds = ['numeric', 'categorical'] as const;
/** The least that a column takes: empty name, kind, counters, and what follows. */
const columnBytesMin = 8;

/** Written over again by every profile: to grow anew to half a megabyte costs as much as what is written. */
const desk = openWriter(4096);

/** Encodes a profile with the columns of its schema, in their order. Equal profiles give equal bytes. */
export function encodeProfile(profile: Profile, schema: ModelSchema): Uint8Array {
  const writer = desk;
  writer.length = 0;
  beginEnvelope(writer, envelope);
  writeText(writer, profile.baselineHash);
  writeVarint(writer, profile.rows);
  writeVarint(writer, profile.unknownFeatures);
  writeVarint(writer, profile.columns.length);
  profile.columns.forEach((column, i) => {
    writeText(writer, schema.columns[i]!.name);
    writeByte(writer, kinds.indexOf(column.kind));
    writeVarint(writer, column.missing);
    writeVarint(writer, column.invalid);
    if (column.kind === 'numeric') writeNumeric(writer, column);
    else writeCategorical(writer, column.summary);
  });
  writeClassScores(writer, profile.scores, schema.classes);
  return sealed(writer);
}

function writeNumeric(writer: ByteWriter, { nonfinite, summary }: NumericColumn): void {
  const { moments, bins, digest, distinct, pending, pendingCount } = summary;
  writeVarint(writer, nonfinite);
  writeMoments(writer, moments);
  writeBins(writer, bins);
  const blob = encodeDigest(digest, pending.subarray(0, pendingCount));
  writeVarint(writer, blob.length);
  writeBytes(writer, blob);
  writeDistinct(writer, distinct);
}

function writeMoments(writer: ByteWriter, { n, zeros, min, max, mean, m2, m3 }: Moments): void {
  writeVarint(writer, n);
  if (n === 0) return;
  writeVarint(writer, zeros);
  for (const value of [min, max, mean, m2, m3]) writeDouble(writer, value);
}

function writeBins(writer: ByteWriter, bins: Bins | undefined): void {
  const length = bins?.counts.length ?? 0;
  writeVarint(writer, length);
  for (let bin = 0; bin < length; bin++) {
    const count = bins!.counts[bin]!;
    writeVarint(writer, count);
    if (count > 0) {
      writeDouble(writer, bins!.sums[bin]!);
      continue;
    }
    const first = bin;
    while (bin + 1 < length && bins!.counts[bin + 1] === 0) bin += 1;
    writeVarint(writer, bin - first);
  }
}

function writeCategorical(writer: ByteWriter, summary: CategorySummary): void {
  const counted = [...summary.counts.keys()].filter((i) => summary.counts[i]! > 0);
  writeVarint(writer, counted.length);
  for (const i of counted) {
    writeText(writer, summary.dictionary!.names[i]!);
    writeVarint(writer, summary.counts[i]!);
  }
  writeVarint(writer, summary.unseen);
  writeVarint(writer, summary.names.error);
  writeVarint(writer, summary.names.counts.size);
  for (const [name, count] of [...summary.names.counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writeText(writer, name);
    writeVarint(writer, count);
  }
  writeDistinct(writer, summary.distinct);
}

/**
 * Decodes into the columns of the schema, found by name: a column that the schema lacks is dropped, one that the bytes lack
 * is empty. Where the schema's baseline is another one, numeric columns come without bins and categories go to the places
 * that their names have now. Throws PROFILE_INVALID for damaged bytes.
 */
export function decodeProfile(bytes: Uint8Array, schema: ModelSchema): Profile {
  const { reader, found } = openEnvelope(bytes, envelope, damaged);
  const hasDistinct = found > versionBeforeDistinct;
  const baselineHash = readText(reader);
  const sameBaseline = baselineHash === schema.baselineHash;
  const profile: Profile = {
    ...emptyProfile({ ...schema, columns: schema.columns.map((spec) => carried(spec, sameBaseline)) }),
    baselineHash: sameBaseline ? baselineHash : '',
    rows: readVarint(reader),
    unknownFeatures: readVarint(reader),
  };
  const places = new Map(schema.columns.map(({ name }, i) => [name, i]));
  for (let i = readCount(reader, columnBytesMin); i > 0; i--) {
    const place = places.get(readText(reader));
    const kind = kinds[readByte(reader)];
    if (kind === undefined) damaged('a column is of no known kind');
    const wanted = place === undefined ? undefined : profile.columns[place];
    // A column that the schema lacks, or has as another kind, is read all the same: the next one begins where it ends.
    const column = wanted?.kind === kind ? wanted : emptyColumn({ name: '', kind });
    if (column.kind === 'numeric') readNumericColumn(reader, column, hasDistinct);
    else readCategoricalColumn(reader, column, hasDistinct);
  }
  if (found > versionBeforeScores) profile.scores = readClassScores(reader, schema.classes);
  else if (profile.rows > 0) profile.scores = undefined;
  if (remaining(reader) > 0) damaged(`${remaining(reader)} bytes follow the columns`);
  return profile;
}

function damaged(what: string): never {
  throw new Fault('PROFILE_INVALID', `a stored profile cannot be read: ${what}`);
}

/** What a decoded column carries of its specification: categories are found by name, bins belong to one baseline. */
function carried(spec: ColumnSpec, sameBaseline: boolean): ColumnSpec {
  if (sameBaseline || spec.kind === 'categorical') return spec;
  const { name, kind, countsDistinct = false } = spec;
  return { name, kind, countsDistinct };
}

function readNumericColumn(reader: ByteReader, column: NumericColumn, hasDistinct: boolean): void {
  const { summary } = column;
  column.missing = readVarint(reader);
  column.invalid = readVarint(reader);
  column.nonfinite = readVarint(reader);
  readMoments(reader, summary.moments);
  readBins(reader, summary.bins, summary.moments.n);
  const { digest, buffered } = decodeDigest(readBytes(reader, readCount(reader, 1)), summary.moments);
  if (digest.total !== summary.moments.n) damaged('a digest holds another number of values than its column');
  if (buffered.length > pendingMax) damaged('a column holds too many raw values');
  summary.digest = digest;
  summary.pending = buffered;
  summary.pendingCount = buffered.length;
  const distinct = hasDistinct ? readDistinct(reader) : undefined;
  // What has been folded without being asked for cannot be told apart any more.
  if (summary.distinct !== undefined && summary.moments.n > 0) summary.distinct = distinct;
}

function readMoments(reader: ByteReader, moments: Moments): void {
  moments.n = readVarint(reader);
  if (moments.n === 0) return;
  moments.zeros = readVarint(reader);
  moments.min = readDouble(reader);
  moments.max = readDouble(reader);
  moments.mean = readDouble(reader);
  moments.m2 = readDouble(reader);
  moments.m3 = readDouble(reader);
  if (!(moments.min <= moments.max && Number.isFinite(moments.mean)))
    damaged('moments contradict each other');
}

/** Bins of a baseline that is not the schema's are read past. */
function readBins(reader: ByteReader, bins: Bins | undefined, n: number): void {
  const length = readVarint(reader);
  if (bins !== undefined && length !== bins.counts.length) {
    damaged(`${length} bins where the baseline has ${bins.counts.length}`);
  }
  let binned = 0;
  let bin = 0;
  while (bin < length) {
    const count = readVarint(reader);
    if (count === 0) {
      bin += readVarint(reader) + 1;
      continue;
    }
    const sum = readDouble(reader);
    if (bins !== undefined) {
      bins.counts[bin] = count;
      bins.sums[bin] = sum;
    }
    binned += count;
    bin += 1;
  }
  if (bin > length || (length > 0 && binned !== n)) damaged('bins do not add up');
}

function readCategoricalColumn(reader: ByteReader, column: CategoricalColumn, hasDistinct: boolean): void {
  const { summary } = column;
  column.missing = readVarint(reader);
  column.invalid = readVarint(reader);
  const moved: string[] = [];
  for (let i = readCount(reader, 2); i > 0; i--) {
    const name = readText(reader);
    if (!addCategory(summary, name, readVarint(reader))) moved.push(name);
  }
  const unseen = readVarint(reader);
  const error = readVarint(reader);
  const named = readNames(reader, summary);
  if (named.count > unseen) damaged('more categories are named than were unseen');
  summary.names.error += error;
  // Values whose names were not kept.
  summary.unseen += unseen - named.count;
  const isComplete = error === 0 && named.count === unseen;
  summary.distinct = hasDistinct ? readDistinct(reader) : undefined;
  if (summary.distinct === undefined && isComplete) {
    summary.distinct = emptyDistinct();
    moved.push(...named.names);
  }
  if (summary.distinct !== undefined) for (const name of moved) observeDistinctText(summary.distinct, name);
}

/** Names of unseen categories and their counts; how many values they are together. */
function readNames(reader: ByteReader, summary: CategorySummary): { names: string[]; count: number } {
  const names: string[] = [];
  let all = 0;
  for (let i = readCount(reader, 2); i > 0; i--) {
    const name = readText(reader);
    const count = readVarint(reader);
    addCategory(summary, name, count);
    names.push(name);
    all += count;
  }
  return { names, count: all };
}

/** A category goes where its name stands in the dictionary now, otherwise to the unseen ones; whether it has a place. */
function addCategory(summary: CategorySummary, name: string, count: number): boolean {
  const known = summary.dictionary?.index.get(name);
  if (known !== undefined) {
    summary.counts[known]! += count;
    return true;
  }
  summary.unseen += count;
  observeName(summary.names, name, count);
  return false;
}
