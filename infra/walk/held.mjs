// The expectations of the story. The first one that fails ends it.

let held = 0;
export class Wrong extends Error {}

export function must(is, what) {
  if (!is) throw new Wrong(what);
  held++;
}

export function same(actual, wanted, what) {
  const [a, w] = [actual, wanted].map((value) => JSON.stringify(value));
  must(a === w, `${what}: expected ${w}, came ${a}`);
}

// checks is the number of expectations that were checked.
export const checks = () => held;
