import { useEffect, useMemo, useRef, useState } from "react";
import { type Faults, faultsOf } from "../api/faults.ts";

type Values = Record<string, unknown>;

export type Form<T extends Values> = {
  values: T;
  /**
   * A value differs from the loaded one. A value that was changed back does
   * not.
   */
  dirty: boolean;
  pending: boolean;
  error: unknown;
  faults: Faults;
  set(change: Partial<T>): void;
  /**
   * The value of a field and how to change it, as the fields of the kit take
   * them.
   */
  field<K extends keyof T & string>(name: K): { name: K; value: T[K]; onChange: (value: T[K]) => void };
  submit(): Promise<void>;
  /** Resets the form to these values, as if they had been loaded. */
  clear(values: T): void;
};

type Options<T extends Values> = {
  /**
   * The loaded values. When they change, fields that the person has not changed
   * follow them.
   */
  initial: T;
  /**
   * Saves the values. The form shows the error that it throws, beside the
   * fields that the error names.
   */
  save: (values: T) => Promise<unknown>;
  onSaved?: (values: T) => void;
  /** Names of fields that errors may be about, besides those of the values. */
  names?: readonly string[];
};

/** useForm holds the values of a form and the result of saving them. */
export function useForm<T extends Values>({ initial, save, onSaved, names = [] }: Options<T>): Form<T> {
  const [loaded, setLoaded] = useState(initial);
  const [values, setValues] = useState(initial);
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<unknown>();
  const [dropped, setDropped] = useState<readonly string[]>([]);
  const busy = useRef(false);
  const dirty = !same(values, loaded);

  const text = JSON.stringify(initial);
  // biome-ignore lint/correctness/useExhaustiveDependencies: its text says whether what was loaded has changed.
  useEffect(() => {
    if (same(initial, loaded)) return;
    setValues((now) => merge(now, loaded, initial));
    setLoaded(initial);
  }, [text]);

  async function submit() {
    // Buttons stay enabled while this runs; a second press does nothing.
    if (busy.current) return;
    busy.current = true;
    setPending(true);
    setError(undefined);
    setDropped([]);
    try {
      await save(values);
      setLoaded(values);
      onSaved?.(values);
    } catch (reason) {
      setError(reason);
    } finally {
      busy.current = false;
      setPending(false);
    }
  }

  const known = [...Object.keys(values), ...names].join(" ");
  const all = useMemo(() => (error === undefined ? {} : faultsOf(error, known.split(" "))), [error, known]);
  // The error of a field disappears with the first change of the field. If it
  // disappeared when the field loses the focus, the page would move under the
  // pointer, and a press on a button below would miss it.
  const faults = Object.fromEntries(Object.entries(all).filter(([name]) => !dropped.includes(name)));
  const settled = Object.keys(all).length > 0 && Object.keys(faults).length === 0;
  const set = (change: Partial<T>) => {
    setValues((now) => ({ ...now, ...change }));
    setDropped((before) => [...before, ...Object.keys(change), ...("proof" in change ? names : [])]);
  };
  return {
    values,
    dirty,
    pending,
    error: settled ? undefined : error,
    faults,
    set,
    field: (name) => ({
      name,
      value: values[name],
      onChange: (value) => set({ [name]: value } as unknown as Partial<T>),
    }),
    submit,
    clear: (fresh) => {
      setLoaded(fresh);
      setValues(fresh);
      setError(undefined);
    },
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

// merge takes the new values of fields that the person has not changed.
function merge<T extends Values>(now: T, before: T, after: T): T {
  const merged = { ...after };
  for (const key of Object.keys(now) as (keyof T)[]) {
    if (!same(now[key], before[key])) merged[key] = now[key];
  }
  return merged;
}
