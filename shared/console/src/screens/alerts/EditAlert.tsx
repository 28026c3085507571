import { api } from "../../api/index.ts";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { NumberField } from "../../kit/NumberField.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { Select } from "../../kit/Select.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { alerts as texts } from "../../messages/en/alerts.ts";
import { serviceIds, services } from "../../messages/en/services.ts";
import styles from "./Alerts.module.css";
import { type About, type Action, type Alert, bodyOf, type Draft, draftOf, type Kind, type Stop } from "./alerts.ts";
import { alertKey } from "./queries.ts";

type Props = {
  profile: string;
  /** The alert that is edited; a new one without. */
  alert?: Alert | undefined;
  onClose: () => void;
};

const watched: { id: About; name: string }[] = [
  ...serviceIds.map((id) => ({ id, name: services[id].name })),
  { id: "cost", name: texts.costOfCycle },
];

/** Adds an alert, or edits one. */
export function EditAlert({ profile, alert, onClose }: Props) {
  const before = alert && draftOf(alert);
  const form = useForm<Draft>({
    initial: draftOf(alert),
    save: async (draft) => {
      if (draft.threshold === undefined) throw new Error(texts.noNumber);
      if (draft.actions.length === 0) throw new Error(texts.noAction);
      const body = bodyOf(draft, before);
      if (alert) {
        await api.PUT("/profile/{id}/alert/{alert}", { params: { path: { id: profile, alert: alert.id } }, body });
      } else {
        await api.POST("/profile/{id}/alert", { params: { path: { id: profile } }, body });
      }
      toast(alert ? texts.saved : texts.added);
      await reread(alertKey(profile));
    },
    onSaved: onClose,
    names: ["service", "percent", "amount", "cost"],
  });
  const { about, kind, actions, stop } = form.values;
  const unit = about === "cost" ? "cost" : kind;
  const choose = (action: Action, chosen: boolean) =>
    form.set({ actions: chosen ? [...actions, action] : actions.filter((one) => one !== action) });
  return (
    <Dialog open title={alert ? texts.editTitle : texts.addTitle} onClose={onClose} dirty={form.dirty}>
      <Form form={form} submit={alert ? texts.save : texts.add} cancel={onClose}>
        <Select<About>
          label={texts.about}
          choices={watched}
          value={about}
          onChange={(next) => form.set({ about: next, ...(next === "cost" && stop === "service" && { stop: "none" }) })}
        />
        {about !== "cost" && (
          <RadioGroup<Kind>
            label={texts.kind}
            choices={(["percent", "amount"] as const).map((id) => ({ id, ...texts.kinds[id] }))}
            {...form.field("kind")}
          />
        )}
        <NumberField
          key={unit}
          label={unit === "amount" && about !== "cost" ? services[about].unit : texts.threshold[unit]}
          hint={unit === "amount" ? undefined : texts.thresholdHint[unit]}
          min={1}
          max={unit === "percent" ? 1000 : unit === "cost" ? 1_000_000 : 1_000_000_000_000}
          isRequired
          {...form.field("threshold")}
        />
        <fieldset className={styles.group}>
          <legend>{texts.notify}</legend>
          {(Object.keys(texts.actions) as Action[]).map((action) => (
            <Checkbox key={action} isSelected={actions.includes(action)} onChange={(chosen) => choose(action, chosen)}>
              {texts.actions[action]}
            </Checkbox>
          ))}
        </fieldset>
        <RadioGroup<Stop>
          label={texts.stopWhat}
          {...(alert && { hint: texts.anew })}
          choices={(Object.keys(texts.stops) as Stop[])
            .filter((id) => about !== "cost" || id !== "service")
            .map((id) => ({ id, ...texts.stops[id] }))}
          {...form.field("stop")}
        />
      </Form>
    </Dialog>
  );
}
