import { ToggleButton } from "react-aria-components/ToggleButton";
import { ToggleButtonGroup } from "react-aria-components/ToggleButtonGroup";
import styles from "./Segments.module.css";

type Props<K extends string> = {
  label: string;
  value: K;
  onChange: (value: K) => void;
  choices: readonly { id: K; name: string }[];
};

/** One of two to four choices that change the content below. */
export function Segments<K extends string>({ label, value, onChange, choices }: Props<K>) {
  return (
    <ToggleButtonGroup
      aria-label={label}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[value]}
      onSelectionChange={([key]) => key !== undefined && onChange(key as K)}
      className={styles.segments}
    >
      {choices.map(({ id, name }) => (
        <ToggleButton key={id} id={id} className={styles.segment}>
          {name}
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}
