// A map of records that can be put back to how it was: what stands for the database in memory.

export interface Table<Key, Row> {
  get(key: Key): Row | undefined;
  /** The row of a key, made empty where there is none. */
  open(key: Key): Row;
  /** Remembers every row; the function returned puts them back. */
  snapshot(): () => void;
}

/** An empty table. `copy` makes a row that shares nothing with the first that either of them may change. */
export function createTable<Key, Row>(empty: () => Row, copy: (row: Row) => Row): Table<Key, Row> {
  let rows = new Map<Key, Row>();
  const copyAll = (source: ReadonlyMap<Key, Row>): Map<Key, Row> =>
    new Map([...source].map(([key, row]) => [key, copy(row)]));
  return {
    get: (key) => rows.get(key),
    open: (key) => {
      const row = rows.get(key) ?? empty();
      rows.set(key, row);
      return row;
    },
    snapshot: () => {
      const remembered = copyAll(rows);
      return () => {
        rows = copyAll(remembered);
      };
    },
  };
}
