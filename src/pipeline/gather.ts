// What one window is made of: the shards' profiles for a base window, the merged profiles of smaller windows for a roll-up.
import { decodeLabelled } from '../codec/labelled-profile.ts';
import { decodeProfile } from '../codec/profile.ts';
import { positionOf } from '../codec/revision.ts';
import type {
  MergedProfile,
  ModelState,
  ResultKey,
  StoredVersion,
  WindowPart,
  WindowParts,
} from '../ports.ts';
import { mergedProfile, type Profile } from '../profile/profile.ts';
import { globalWatermark } from '../profile/watermark.ts';
import { isDue } from '../profile/window.ts';
import type { LabelledProfile } from '../quality/labelled-profile.ts';
import {
  contentOf,
  mergedLabelled,
  type PreparedContent,
  type VersionProfile,
  type WindowContent,
} from './content.ts';
import type { MonitoredModel } from './model.ts';
import type { EvaluatePorts, Round } from './round.ts';
import { type EvaluationSettings, otherVersions } from './settings.ts';

/** The versions of a window's parts in one shard; 0 where the shard holds none. */
export interface ReadVersions {
  readonly profiles: number;
  readonly labelled: number;
}

export interface Gathered {
  readonly key: ResultKey;
  /**
   * The model's state before anything was read: a commit that finds it so still has read the newest. Taken later, a slow
   * evaluator would put older content over newer.
   */
  readonly state: ModelState;
  /** Whether the window's time has come, as the reads that its content is from have it. */
  readonly due: boolean;
  /** Names every input and its version: equal inputs give an equal result. */
  readonly inputs: string;
  /** How far into the log the inputs reach: it grows whenever one of them does. */
  readonly position: bigint;
  /** False where retention has removed all there was. */
  readonly isThere: boolean;
  /** What the window says; costly, unless it was prepared. */
  readonly content: () => WindowContent;
  /** Per shard the versions of the window that were read. */
  readonly read: readonly ReadVersions[];
  /** Wall clock at which event time passed the end of the window, where that is what its result has waited for. */
  readonly passedAt?: number | undefined;
}

/**
 * Reads a base window from every shard; it is merged in the order of the shards, so that whoever does it gets the same. Where
 * its content was prepared of the very inputs that are stored, their versions are all that is read.
 */
export async function gatherWindow(
  model: MonitoredModel,
  start: number,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
  prepared?: PreparedContent,
): Promise<Gathered> {
  const { sizeMs, graceMs } = settings.windows;
  const window = { model: model.schema.model, start };
  const key = { size: sizeMs, start };
  const state = await ports.results.state(window.model);
  const gathered = (
    versions: readonly WindowParts<StoredVersion>[],
    content: () => WindowContent,
  ): Gathered => ({
    ...{ key, state, content, inputs: inputsOf(versions), position: reach(versions) },
    isThere: versions.some(({ parts }) => parts.length > 0),
    due: isDue(start + sizeMs, globalWatermark(versions, round.whenIdle), graceMs),
    read: versions.map(({ parts }) => ({
      ...{ profiles: newest(parts, undefined), labelled: newest(parts, 'labelled') },
    })),
  });
  if (prepared !== undefined) {
    const versions = await ofEveryShard(ports, (shard) => ports.shards.versions(shard, window));
    if (inputsOf(versions) === prepared.inputs) return gathered(versions, () => prepared.content);
  }
  const parts = await ofEveryShard(ports, (shard) => ports.shards.read(shard, window));
  return gathered(parts, () => contentOf(model, key, mergeByVersion(model, parts, settings)));
}

/** The content of a base window as it is now, whether or not it is due; undefined where there is nothing of it. */
export async function prepareWindow(
  model: MonitoredModel,
  start: number,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
): Promise<Omit<PreparedContent, 'listed'> | undefined> {
  const window = { model: model.schema.model, start };
  const parts = await ofEveryShard(ports, (shard) => ports.shards.read(shard, window));
  if (!parts.some((shard) => shard.parts.length > 0)) return undefined;
  const key = { size: settings.windows.sizeMs, start };
  return { inputs: inputsOf(parts), content: contentOf(model, key, mergeByVersion(model, parts, settings)) };
}

function ofEveryShard<Reply>(
  { shardCount }: EvaluatePorts,
  ask: (shard: number) => Promise<Reply>,
): Promise<Reply[]> {
  return Promise.all(Array.from({ length: shardCount }, (_, shard) => ask(shard)));
}

function inputsOf(shards: readonly WindowParts<StoredVersion>[]): string {
  return shards
    .flatMap(({ parts }, shard) => parts.map((part) => inputName(part, shard)))
    .sort()
    .join(' ');
}

function reach(shards: readonly WindowParts<StoredVersion>[]): bigint {
  return shards.flatMap(({ parts }) => parts).reduce((sum, { version }) => sum + BigInt(version), 0n);
}

function inputName({ key, version }: StoredVersion, shard: number): string {
  const name = `${shard}:${key.version}:${version}`;
  return key.part === undefined ? name : `${name}:${key.part}`;
}

/** The version under which the parts of one kind were listed; 0 where there are none. */
function newest(parts: readonly StoredVersion[], kind: WindowPart['part']): number {
  return parts
    .filter(({ key }) => key.part === kind)
    .reduce((version, part) => Math.max(version, part.version), 0);
}

function mergeByVersion(
  model: MonitoredModel,
  shards: readonly WindowParts[],
  settings: EvaluationSettings,
): VersionProfile[] {
  const parts = shards.flatMap((shard) => shard.parts.map(({ key, bytes }) => ({ ...key, bytes })));
  return mergeParts(model, parts, settings);
}

/** Merges the windows of the next smaller size, in window order. */
export async function gatherRollup(
  model: MonitoredModel,
  key: ResultKey,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
): Promise<Gathered> {
  const sizes = [settings.windows.sizeMs, ...settings.windows.rollupsMs];
  const smaller = sizes[sizes.indexOf(key.size) - 1] ?? settings.windows.sizeMs;
  const name = model.schema.model;
  const state = await ports.results.state(name);
  const windows = await ports.results.profiles(name, smaller, key.start, key.start + key.size);
  const parts = windows.flatMap(({ profiles }) => profiles);
  return {
    key,
    state,
    due: true,
    inputs: windows.map((window) => `${window.key.start}:${window.revision}`).join(' '),
    position: windows.reduce((sum, { revision }) => sum + positionOf(revision), 0n),
    isThere: parts.length > 0,
    content: () => contentOf(model, key, mergeParts(model, parts, settings)),
    read: [],
  };
}

/**
 * Every version of what shards, or smaller windows, hold, merged in their order. No more versions than are kept apart, though
 * each of them may bring others: those with most rows keep their names, the rest are one.
 */
function mergeParts(
  model: MonitoredModel,
  parts: readonly MergedProfile[],
  { versionsPerModel }: EvaluationSettings,
): VersionProfile[] {
  const found = parts.map((part) => decoded(model, part));
  const names = keptNames(found, versionsPerModel);
  const byVersion = Map.groupBy(found, ({ version }) => (names.has(version) ? version : otherVersions));
  return [...byVersion]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([version, same]) => {
      const [first, ...others] = same.flatMap(({ profile }) => profile ?? []);
      return {
        version,
        profile: first && mergedProfile([first, ...others]),
        labelled: mergedLabelled(same.flatMap(({ labelled }) => labelled ?? [])),
      };
    });
}

function decoded(model: MonitoredModel, { version, part, bytes }: MergedProfile): VersionProfile {
  return part === undefined
    ? { version, profile: decodeProfile(bytes, model.schema), labelled: undefined }
    : { version, profile: undefined, labelled: labelledOf(model, bytes) };
}

/** The versions with most rows: it depends on the profiles alone. */
function keptNames(found: readonly VersionProfile[], most: number): ReadonlySet<string> {
  const rows = new Map<string, number>();
  for (const { version, profile } of found) {
    if (version !== otherVersions) rows.set(version, (rows.get(version) ?? 0) + rowsOf(profile));
  }
  const ordered = [...rows].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  return new Set(ordered.slice(0, most).map(([version]) => version));
}

function rowsOf(profile: Profile | undefined): number {
  return profile?.rows ?? 0;
}

/** Undefined where labels are not joined any more, or were counted by other classes. */
function labelledOf({ quality }: MonitoredModel, bytes: Uint8Array): LabelledProfile | undefined {
  return quality && decodeLabelled(bytes, quality.spec);
}
