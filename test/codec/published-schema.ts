// The JSON Schemas in config/schemas, generated from the codecs, and a validator that also refuses undocumented fields.
import { Ajv } from 'ajv';
import { z } from 'zod';

/** The text of config/schemas/<name>.schema.json; `vitest -u` writes the files anew. */
export function publishedSchema(name: string, schema: z.ZodType): string {
  const document = z.toJSONSchema(schema, { target: 'draft-7', io: 'input' });
  return `${JSON.stringify({ $id: `urn:driftline:schema:${name}:1`, ...document }, null, 2)}\n`;
}

/** Where it is committed, as a test beside this file names it. */
export function schemaPath(name: string): string {
  return `../../config/schemas/${name}.schema.json`;
}

/** What the published schema has against a document: readers may ignore unknown fields, a writer may not invent them. */
export function violations(schema: z.ZodType, document: unknown): unknown[] {
  const closed = JSON.parse(
    JSON.stringify(z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })),
    (_, value) =>
      value?.type === 'object' && value.properties ? { ...value, additionalProperties: false } : value,
  );
  const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true }).compile(closed);
  return validate(document) ? [] : (validate.errors ?? []);
}
