// A profile as bytes: what the store keeps of one (model, version, segment, window). Encoding reads and changes nothing, so
// that a profile stored at other moments ends in the same bytes.
//
//   "DLP" version   text baseline hash   varint rows   varint unknown features   varint columns, each:
//   text name   u8 kind   varint missing, invalid
//   numeric:      varint nonfinite   moments (varint n, zeros; f64 min, max, mean, m2, m3)   bins   varint length, t-digest
//   categorical:  varint categories × { text name, varint count }   varint unseen   varint error, names × { text, varint }
//   bins:         varint bins (0: none)   { varint empty bins, varint count, f64 sum } until all are named
import { Fault } from '../fault.ts';
import type { CategoricalColumn, Column, NumericColumn } from '../profile/column.ts';
import { emptyColumn, type Profile } from '../profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../profile/schema.ts';
import type { Bins } from '../sketch/bins.ts';
import type { CategorySummary } from '../sketch/category-summary.ts';
import { observeName } from '../sketch/heavy-hitters.ts';
import type { Moments } from '../sketch/moments.ts';
import { pendingMax } from '../sketch/numeric-summary.ts';
import {
  type ByteReader,
  type ByteWriter,
  openReader,
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
  written,
} from './bytes.ts';
import { decodeDigest, encodeDigest } from './digest.ts';

const magic = [0x44, 0x4c, 0x50] as const;
const version = 1;
const kinds = ['numeric', 'categorical'] as const;
/** The least that a column takes: empty name, kind, counters, and what follows. */
const columnBytesMin = 5;

/** Encodes a profile with the columns of its schema, in their order. Equal profiles give equal bytes. */
export function encodeProfile(profile: Profile, schema: ModelSchema): Uint8Array {
  const writer = openWriter(4096);
  for (const byte of [...magic, version]) writeByte(writer, byte);
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
  return written(writer);
}

function writeNumeric(writer: ByteWriter, { nonfinite, summary }: NumericColumn): void {
  const { moments, bins, digest, pending, pendingCount } = summary;
  writeVarint(writer, nonfinite);
  writeVarint(writer, moments.n);
  writeVarint(writer, moments.zeros);
  for (const value of [moments.min, moments.max, moments.mean, moments.m2, moments.m3])
    writeDouble(writer, value);
  writeBins(writer, bins);
  const blob = encodeDigest(digest, pending.subarray(0, pendingCount));
  writeVarint(writer, blob.length);
  writeBytes(writer, blob);
}

function writeBins(writer: ByteWriter, bins: Bins | undefined): void {
  writeVarint(writer, bins?.counts.length ?? 0);
  if (bins === undefined) return;
  let empty = 0;
  for (let i = 0; i < bins.counts.length; i++) {
    const count = bins.counts[i]!;
    if (count === 0) {
      empty += 1;
      continue;
    }
    writeVarint(writer, empty);
    writeVarint(writer, count);
    writeDouble(writer, bins.sums[i]!);
    empty = 0;
  }
  if (empty > 0) writeVarint(writer, empty);
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
}

/**
 * Decodes into the columns of the schema, found by name: a column that the schema lacks is dropped, one that the bytes lack
 * is empty. Where the schema's baseline is another one, numeric columns come without bins and categories go to the places
 * that their names have now. Throws PROFILE_INVALID for damaged bytes.
 */
export function decodeProfile(bytes: Uint8Array, schema: ModelSchema): Profile {
  const reader = openReader(bytes);
  for (const byte of magic)
    if (readByte(reader) !== byte) throw new Fault('PROFILE_INVALID', 'the bytes are no profile');
  const found = readByte(reader);
  if (found !== version) throw new Fault('PROFILE_INVALID', `profile version ${found} is not known`);
  const baselineHash = readText(reader);
  const rows = readVarint(reader);
  const unknownFeatures = readVarint(reader);
  const count = readCount(reader, columnBytesMin);
  const stored = new Map<string, Column>();
  const specs = new Map(schema.columns.map((spec) => [spec.name, spec]));
  const sameBaseline = baselineHash === schema.baselineHash;
  for (let i = 0; i < count; i++) {
    const name = readText(reader);
    stored.set(name, readColumn(reader, specs.get(name), sameBaseline));
  }
  if (remaining(reader) > 0)
    throw new Fault('PROFILE_INVALID', `${remaining(reader)} bytes follow the profile`);
  const columns = schema.columns.map((spec) => {
    const column = stored.get(spec.name);
    return column?.kind === spec.kind
      ? column
      : emptyColumn(sameBaseline ? spec : { name: spec.name, kind: spec.kind });
  });
  return { baselineHash: sameBaseline ? baselineHash : '', rows, unknownFeatures, columns };
}

function readColumn(reader: ByteReader, spec: ColumnSpec | undefined, sameBaseline: boolean): Column {
  const kind = kinds[readByte(reader)];
  if (kind === undefined) throw new Fault('PROFILE_INVALID', 'a column is of no known kind');
  const missing = readVarint(reader);
  const invalid = readVarint(reader);
  const own: ColumnSpec = { ...(spec?.kind === kind ? spec : { name: '' }), kind };
  return kind === 'numeric'
    ? readNumericColumn(reader, own, missing, invalid, sameBaseline)
    : readCategoricalColumn(reader, own, missing, invalid);
}

function readNumericColumn(
  reader: ByteReader,
  spec: ColumnSpec,
  missing: number,
  invalid: number,
  sameBaseline: boolean,
): NumericColumn {
  const { name, kind } = spec;
  const column = emptyColumn(sameBaseline ? spec : { name, kind }) as NumericColumn;
  const { summary } = column;
  column.missing = missing;
  column.invalid = invalid;
  column.nonfinite = readVarint(reader);
  readMoments(reader, summary.moments);
  readBins(reader, summary.bins);
  const blob = readBytes(reader, readCount(reader, 1));
  const { digest, buffered } = decodeDigest(blob, summary.moments);
  if (buffered.length > pendingMax) throw new Fault('PROFILE_INVALID', 'a column holds too many raw values');
  summary.digest = digest;
  summary.pending = buffered;
  summary.pendingCount = buffered.length;
  return column;
}

function readMoments(reader: ByteReader, moments: Moments): void {
  moments.n = readVarint(reader);
  moments.zeros = readVarint(reader);
  moments.min = readDouble(reader);
  moments.max = readDouble(reader);
  moments.mean = readDouble(reader);
  moments.m2 = readDouble(reader);
  moments.m3 = readDouble(reader);
}

/** Bins of a baseline that is not the schema's are read past. */
function readBins(reader: ByteReader, bins: Bins | undefined): void {
  const length = readVarint(reader);
  if (bins !== undefined && length !== bins.counts.length) {
    throw new Fault(
      'PROFILE_INVALID',
      `${length} bins are stored where the baseline has ${bins.counts.length}`,
    );
  }
  for (let bin = 0; bin < length; bin++) {
    bin += readVarint(reader);
    if (bin >= length) {
      if (bin > length) throw new Fault('PROFILE_INVALID', 'a bin lies beyond the last one');
      return;
    }
    const count = readVarint(reader);
    const sum = readDouble(reader);
    if (bins === undefined) continue;
    bins.counts[bin] = count;
    bins.sums[bin] = sum;
  }
}

function readCategoricalColumn(
  reader: ByteReader,
  spec: ColumnSpec,
  missing: number,
  invalid: number,
): CategoricalColumn {
  const column = emptyColumn(spec) as CategoricalColumn;
  const { summary } = column;
  column.missing = missing;
  column.invalid = invalid;
  for (let i = readCount(reader, 2); i > 0; i--) addCategory(summary, readText(reader), readVarint(reader));
  const unseen = readVarint(reader);
  summary.names.error += readVarint(reader);
  let named = 0;
  for (let i = readCount(reader, 2); i > 0; i--) {
    const name = readText(reader);
    const count = readVarint(reader);
    named += count;
    addCategory(summary, name, count);
  }
  // Values whose names were not kept.
  if (named > unseen) throw new Fault('PROFILE_INVALID', 'more categories are named than were unseen');
  summary.unseen += unseen - named;
  return column;
}

/** A category goes where its name stands in the dictionary now, otherwise to the unseen ones. */
function addCategory(summary: CategorySummary, name: string, count: number): void {
  const known = summary.dictionary?.index.get(name);
  if (known !== undefined) summary.counts[known]! += count;
  else {
    summary.unseen += count;
    observeName(summary.names, name, count);
  }
}
