// The things that the checks have created on the stack, and their removal.

const made = [];

// keep notes a thing to remove at the end, and returns a function that says it
// is gone already. `remove` throws when it cannot remove it.
export function keep(what, remove) {
  const thing = { what, remove };
  made.push(thing);
  return () => {
    const i = made.indexOf(thing);
    if (i >= 0) made.splice(i, 1);
  };
}

// allGone forgets all of them, because the thing that contains them was
// removed.
export const allGone = () => made.splice(0);

// staying are things that no request removes, with the times when they end.
const staying = [];
export const stays = (what, until) => staying.push(`${what} ${until}`);

// removeAll removes the remaining things, the newest first, and prints those
// that it could not remove, with the reasons. It returns whether all are gone.
export async function removeAll() {
  let gone = true;
  while (made.length > 0) {
    const { what, remove } = made.pop();
    try {
      await remove();
      console.log(`removed   ${what}`);
    } catch (error) {
      gone = false;
      console.log(`NOT REMOVED: ${what}: ${error?.message ?? error}`);
    }
  }
  for (const what of staying.splice(0)) console.log(`stays     ${what}`);
  return gone;
}
