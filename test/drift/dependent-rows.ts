// Standard normal rows that say less than independent ones: values repeated by the rows of an entity, and AR(1).
export const dependences = ['independent', 'entity', 'autoregressive'] as const;

export type DependenceName = (typeof dependences)[number];

/** How many rows of an entity carry the same value. */
export const rowsPerEntity = 5;
export const autocorrelation = 0.9;

/** The next row of a stationary stream out of independent standard normal values; standard normal each by itself. */
export function rowsOf(name: DependenceName, normal: () => number): () => number {
  if (name === 'independent') return normal;
  let value = normal();
  if (name === 'entity') {
    let row = 0;
    return () => {
      if (row++ % rowsPerEntity === 0) value = normal();
      return value;
    };
  }
  const innovation = Math.sqrt(1 - autocorrelation ** 2);
  return () => {
    value = autocorrelation * value + innovation * normal();
    return value;
  };
}
