import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import fields from "../../kit/Field.module.css";
import { FieldHint, FieldLabel } from "../../kit/Field.tsx";
import styles from "./Tokens.module.css";

type Props<K extends string> = {
  label: string;
  name: string;
  hint?: string | undefined;
  choices: readonly { id: K; name: string }[];
  value: K;
  onChange: (value: K) => void;
};

/** A choice between a few short texts, beside each other. */
export function Pills<K extends string>({ label, name, hint, choices, value, onChange }: Props<K>) {
  return (
    <RadioGroup name={name} value={value} onChange={(key) => onChange(key as K)} className={fields.field ?? ""}>
      <FieldLabel label={label} />
      <div className={styles.pills}>
        {choices.map((choice) => (
          <Radio key={choice.id} value={choice.id} className={styles.pill ?? ""}>
            {choice.name}
          </Radio>
        ))}
      </div>
      <FieldHint hint={hint} />
    </RadioGroup>
  );
}
