import { useState } from "react";
import { Checkbox } from "../src/kit/Checkbox.tsx";
import { Form } from "../src/kit/Form.tsx";
import { NumberField } from "../src/kit/NumberField.tsx";
import { emptyProof, Prove } from "../src/kit/Prove.tsx";
import { RadioGroup } from "../src/kit/RadioGroup.tsx";
import { SearchField } from "../src/kit/SearchField.tsx";
import { Segments } from "../src/kit/Segments.tsx";
import { Select } from "../src/kit/Select.tsx";
import { TextField } from "../src/kit/TextField.tsx";
import { useForm } from "../src/kit/useForm.ts";
import styles from "./Gallery.module.css";
import { Part, Row } from "./Gallery.tsx";
import { texts } from "./texts.ts";

const { states } = texts;
const many = Array.from({ length: 40 }, (_, number) => ({ id: String(number), name: `${texts.name} ${number + 1}` }));

/** The components that a person fills in. */
export function Fields() {
  return (
    <>
      <Part of={["TextField", "FieldLabel", "FieldHint"]}>
        <Row>
          {(
            [
              [states.plain, {}],
              [states.required, { isRequired: true, hint: texts.sentence }],
              [states.optional, { optional: true, placeholder: texts.value }],
              [states.readOnly, { isReadOnly: true, value: texts.value }],
              [states.disabled, { isDisabled: true, value: texts.value }],
              [states.password, { type: "password", autoComplete: "off", defaultValue: texts.value }],
              [states.lines, { lines: 3, defaultValue: texts.long }],
              [states.day, { type: "date", defaultValue: "2030-03-14" }],
            ] as const
          ).map(([label, props]) => (
            <div key={label} className={styles.field}>
              <TextField label={label} {...props} />
            </div>
          ))}
        </Row>
      </Part>
      <Part of={["Form"]}>
        <Refused />
      </Part>
      <Part of={["NumberField", "SearchField", "Segments"]}>
        <Numbers />
      </Part>
      <Part of={["Select"]}>
        <Row>
          <div className={styles.field}>
            <Select label={states.plain} choices={texts.choices} hint={texts.sentence} />
          </div>
          <div className={styles.field}>
            <Select label={states.selected} choices={texts.choices} value="a" />
          </div>
          <div className={styles.field}>
            <Select label={states.searchable} choices={many} searchable />
          </div>
          <div className={styles.field}>
            <Select label={states.disabled} choices={texts.choices} isDisabled />
          </div>
        </Row>
      </Part>
      <Part of={["RadioGroup", "Checkbox"]}>
        <RadioGroup label={states.plain} choices={texts.choices} defaultValue="a" hint={texts.sentence} />
        <Checkbox>{states.plain}</Checkbox>
        <Checkbox defaultSelected text={texts.sentence}>
          {states.selected}
        </Checkbox>
        <Checkbox isIndeterminate>{states.mixed}</Checkbox>
        <Checkbox isDisabled>{states.disabled}</Checkbox>
      </Part>
      <Part of={["Prove"]}>
        <Proofs />
      </Part>
    </>
  );
}

function Refused() {
  const form = useForm({
    initial: { text: "" },
    save: () => Promise.reject(new Error(texts.fault)),
  });
  return (
    <Form form={form} submit={texts.action} cancel={() => form.clear({ text: "" })}>
      <TextField label={states.invalid} isInvalid validate={() => texts.fault} {...form.field("text")} />
    </Form>
  );
}

function Numbers() {
  const [value, setValue] = useState<number | undefined>(1_234_567);
  const [segment, setSegment] = useState("a");
  return (
    <>
      <Row>
        <div className={styles.field}>
          <NumberField label={states.plain} name="number" min={0} max={2_000_000} value={value} onChange={setValue} />
        </div>
        <div className={styles.field}>
          <SearchField label={texts.columns.name} defaultValue={texts.value} />
        </div>
      </Row>
      <Segments label={texts.title} value={segment} onChange={setSegment} choices={texts.segments} />
    </>
  );
}

function Proofs() {
  const [alone, setAlone] = useState(emptyProof());
  const [both, setBoth] = useState(emptyProof({ authenticator: true, email: true }));
  return (
    <Row>
      <div className={styles.field}>
        <Prove value={alone} onChange={setAlone} email={texts.email} />
      </div>
      <div className={styles.field}>
        <Prove value={both} onChange={setBoth} email={texts.email} />
      </div>
    </Row>
  );
}
