import { useState } from "react";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { webhooks as texts } from "../../messages/en/webhooks.ts";
import { choose, type Group, groupOf, meaningOf, type Pattern, typesOf } from "./events.ts";
import styles from "./Webhooks.module.css";

type Props = {
  /** The groups, each with what it is about. */
  groups: Readonly<Partial<Record<Group, string>>>;
  /** What was chosen before, also by a program and in other groups. */
  before: readonly Pattern[];
  chosen: readonly Pattern[];
  onChange: (chosen: Pattern[]) => void;
};

/** Chooses groups of events, or single types of them. */
export function EventChoice({ groups, before, chosen, onChange }: Props) {
  const shown = Object.keys(groups) as Group[];
  const others = before.filter((one) => !shown.includes(groupOf(one)));
  const set = (one: Pattern) => (on: boolean) => onChange(choose(chosen, one, on));
  return (
    <fieldset className={styles.groups}>
      <legend className="visually-hidden">{texts.choices.some.name}</legend>
      {others.map((one) => (
        <Checkbox key={one} isSelected={chosen.includes(one)} onChange={set(one)} text={meaningOf(one)}>
          <code>{one}</code>
        </Checkbox>
      ))}
      {shown.map((group) => (
        <Types key={group} group={group} about={groups[group]} chosen={chosen} set={set} />
      ))}
    </fieldset>
  );
}

type TypesProps = {
  group: Group;
  about: string | undefined;
  chosen: readonly Pattern[];
  set: (one: Pattern) => (on: boolean) => void;
};

// A group, and its single types below it. They stay open when the group takes
// their place.
function Types({ group, about, chosen, set }: TypesProps) {
  const whole = chosen.includes(group);
  const types = typesOf(group);
  const part = !whole && types.some((type) => chosen.includes(type));
  const [open, setOpen] = useState(part);
  return (
    <div>
      <Checkbox isSelected={whole} isIndeterminate={part} onChange={set(group)} text={about}>
        <code>{group}</code>
      </Checkbox>
      <details className={styles.types} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{texts.single(group, types.length)}</summary>
        {types.map((type) => (
          <Checkbox
            key={type}
            isSelected={whole || chosen.includes(type)}
            isDisabled={whole}
            onChange={set(type)}
            text={meaningOf(type)}
          >
            <code>{type}</code>
          </Checkbox>
        ))}
      </details>
    </div>
  );
}
