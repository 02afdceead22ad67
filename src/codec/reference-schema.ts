// The kinds of a model's features as JSON: a file that says what reference data cannot show by themselves.
import { z } from 'zod';
import { Fault } from '../fault.ts';
import type { ColumnKind } from '../profile/column.ts';
import type { Task } from '../profile/schema.ts';
import { categoryText } from '../sketch/dictionary.ts';

export interface ReferenceSchema {
  readonly task?: Task;
  /** Name of the positive class of a binary task. */
  readonly positive?: string;
  /** Every feature that is a column, in order. */
  readonly features: ReadonlyMap<string, ColumnKind>;
}

const kinds: ReadonlyMap<unknown, ColumnKind> = new Map([
  ['numeric', 'numeric'],
  ['categorical', 'categorical'],
  ['boolean', 'categorical'],
]);

// Not a record: zod's leaves out a feature that is called `__proto__`.
const documentSchema = z.object({
  task: z.enum(['binary', 'multiclass', 'regression']).optional(),
  positive_label: z.union([z.string(), z.number(), z.boolean()]).optional(),
  features: z.custom<object>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    {
      message: 'expected an object of feature name to kind',
    },
  ),
});

/**
 * Reads `{"task": "binary", "positive_label": 1, "features": {"lead_time": "numeric", "meal": "categorical"}}`; other members are ignored.
 * A kind may also be `boolean`, which is categorical. Throws INPUT_UNSUPPORTED; `source` names the text in its message.
 */
export function parseReferenceSchema(text: string, source: string): ReferenceSchema {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Fault('INPUT_UNSUPPORTED', `${source} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const parsed = documentSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault('INPUT_UNSUPPORTED', `${source}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const features = new Map<string, ColumnKind>();
  for (const [name, word] of Object.entries(parsed.data.features)) {
    const kind = kinds.get(word);
    if (kind === undefined) {
      throw new Fault(
        'INPUT_UNSUPPORTED',
        `${source}: features.${name}: expected ${[...kinds.keys()].join(', ')}, not ${wordText(word)}`,
      );
    }
    features.set(name, kind);
  }
  const { task, positive_label: positive } = parsed.data;
  return {
    ...(task === undefined ? {} : { task }),
    ...(positive === undefined ? {} : { positive: categoryText(positive) }),
    features,
  };
}

/** Only of plain values: the text of a deeply nested one would take the stack with it. */
function wordText(word: unknown): string {
  return typeof word === 'object' ? 'an object, a list or null' : JSON.stringify(word);
}
