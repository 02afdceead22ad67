// Defects on purpose: copies of src/ without one of their guards, from which the workers are started. A run must notice each.
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Plant {
  /** Below src/. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly guard: string;
  readonly instead: string;
}

const plants = {
  /** Whoever owned a shard before may go on writing it. */
  token: {
    file: 'io/redis/checkpoint-2-n.lua',
    guard: "if stored[1] ~= ARGV[1] then return 'fenced' end\n",
    instead: '',
  },
  /** A checkpoint is taken whatever the store has come to meanwhile. */
  offsets: {
    file: 'io/redis/checkpoint-2-n.lua',
    guard: "if (stored[2] or '') ~= ARGV[2] or (stored[3] or '') ~= ARGV[3] then return 'moved' end\n",
    instead: '',
  },
  /** Refused events are told of when the checkpoint has passed them already. */
  'dead-letters': {
    file: 'pipeline/save.ts',
    guard: `  if (shard.rejects.length > 0) await ports.outbound.send(shard.rejects);
  shard.rejects.length = 0;
  const meta = currentMeta(shard);
  const outcome = await ports.shards.checkpoint(shard.shard, {
    token: shard.token,
    expected: shard.stored.offsets,
    meta,
    profiles: changedProfiles(shard, models),
    retentionMs: settings.profileRetentionMs,
  });
`,
    instead: `  const meta = currentMeta(shard);
  const outcome = await ports.shards.checkpoint(shard.shard, {
    token: shard.token,
    expected: shard.stored.offsets,
    meta,
    profiles: changedProfiles(shard, models),
    retentionMs: settings.profileRetentionMs,
  });
  if (shard.rejects.length > 0) await ports.outbound.send(shard.rejects);
  shard.rejects.length = 0;
`,
  },
} as const satisfies Record<string, Plant>;

export type PlantName = keyof typeof plants;

export const plantNames = Object.keys(plants) as readonly PlantName[];

/** Whether there is a defect of this name. */
export function isPlant(name: string): name is PlantName {
  return Object.hasOwn(plants, name);
}

const root = resolve(import.meta.dirname, '../..');

/** The text of the file that a defect changes, with the defect. Throws where the guard does not stand there exactly once. */
export function planted(name: PlantName): { readonly file: string; readonly text: string } {
  const { file, guard, instead } = plants[name];
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const parts = text.split(guard);
  if (parts.length !== 2) {
    throw new Error(
      `the guard of the defect ${name} stands ${parts.length - 1} times in src/${file}, not once`,
    );
  }
  return { file, text: parts.join(instead) };
}

/** Makes a copy of the program with a defect in a folder, and returns its main file; without one, the program itself. */
export function programWith(name: PlantName | undefined, folder: string): string {
  if (name === undefined) return join(root, 'src/main.ts');
  const { file, text } = planted(name);
  for (const part of ['src', 'config', 'package.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'src', file), text);
  return join(folder, 'src/main.ts');
}
