// Defects on purpose: copies of src/ without one of their guards, from which the workers are started. A run must notice each.
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

interface Plant {
  /** Below src/. */
  readonly file: string;
  /** What becomes of what; each text stands there exactly once. */
  readonly changes: readonly (readonly [guard: string, instead: string])[];
}

const root = resolve(import.meta.dirname, '../..');

/** The file of a Lua script, whose name ends with how many keys it takes. */
export function scriptFile(folder: string, name: string): string {
  const file = readdirSync(folder).find((found) => found.startsWith(`${name}-`) && found.endsWith('.lua'));
  if (file === undefined) throw new Error(`there is no script ${name} in ${folder}`);
  return file;
}

const checkpointScript = `io/redis/${scriptFile(join(root, 'src/io/redis'), 'checkpoint')}`;

const announcing = `  if (shard.outgoing.length > 0) await ports.outbound.send(shard.outgoing);
  shard.outgoing.length = 0;
`;
const answered = "  if (outcome.kind !== 'written') return outcome;\n";

const plants = {
  /** Whoever owned a shard before may go on writing it. */
  token: {
    file: checkpointScript,
    changes: [["if stored[1] ~= ARGV[1] then return 'fenced' end\n", '']],
  },
  /** A checkpoint is taken whatever the store has come to meanwhile. */
  offsets: {
    file: checkpointScript,
    changes: [
      ["if (stored[2] or '') ~= ARGV[2] or (stored[3] or '') ~= ARGV[3] then return 'moved' end\n", ''],
    ],
  },
  /** Refused events are told of when the checkpoint has passed them already. */
  'dead-letters': {
    file: 'pipeline/save.ts',
    changes: [
      [announcing, '  const unsaid = shard.outgoing.splice(0);\n'],
      [answered, `  if (unsaid.length > 0) await ports.outbound.send(unsaid);\n${answered}`],
    ],
  },
} satisfies Record<string, Plant>;

export type PlantName = keyof typeof plants;

export const plantNames = Object.keys(plants) as readonly PlantName[];

/** Whether there is a defect of this name. */
export function isPlant(name: string): name is PlantName {
  return Object.hasOwn(plants, name);
}

/** The text of the file that a defect changes, with the defect. Throws where a guard does not stand there exactly once. */
export function planted(name: PlantName): { readonly file: string; readonly text: string } {
  const { file, changes } = plants[name];
  let text = readFileSync(join(root, 'src', file), 'utf8');
  for (const [guard, instead] of changes) {
    const parts = text.split(guard);
    if (parts.length !== 2) {
      throw new Error(
        `a guard of the defect ${name} stands ${parts.length - 1} times in src/${file}, not once`,
      );
    }
    text = parts.join(instead);
  }
  return { file, text };
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
