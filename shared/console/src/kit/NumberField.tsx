import { useState } from "react";
import { inRange } from "../lib/amount.ts";
import { useFormat } from "../lib/format.ts";
import { common } from "../messages/en/common.ts";
import type { FieldProps } from "./Field.tsx";
import { TextField } from "./TextField.tsx";

type Props = FieldProps & {
  name: string;
  min: number;
  max: number;
  /** undefined for an empty field. */
  value: number | undefined;
  onChange: (value: number | undefined) => void;
  isRequired?: boolean;
};

/**
 * A whole number within bounds, in the number format of the account. Other text
 * keeps the form from being sent.
 */
export function NumberField({ min, max, value, onChange, ...props }: Props) {
  const { number } = useFormat();
  // The text stays as it is while a person types: a dot may begin a group of
  // three digits.
  const [typed, setTyped] = useState<string>();
  const written = value === undefined ? "" : number(value);
  return (
    <TextField
      {...props}
      inputMode="numeric"
      value={typed ?? written}
      validate={(text) =>
        text.trim() === "" || inRange(text, min, max) !== undefined ? null : common.whole(number(min), number(max))
      }
      onChange={(text) => {
        setTyped(text);
        onChange(inRange(text, min, max));
      }}
      onBlur={() => setTyped((text) => (text?.trim() && inRange(text, min, max) === undefined ? text : undefined))}
    />
  );
}
