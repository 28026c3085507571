import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { useFormat } from "../../lib/format.ts";
import { type Permission, permissionIds, permissions } from "../../messages/en/permissions.ts";
import { team as texts } from "../../messages/en/team.ts";
import { EndField } from "./EndField.tsx";
import { lastDayOf, type Row } from "./rows.ts";

/**
 * Changes the permission of a member, and when the membership ends. The change
 * can be undone.
 */
export function ChangePermission({ profile, row, onClose }: { profile: string; row: Row; onClose: () => void }) {
  const format = useFormat();
  const last = lastDayOf(row, format);
  const set = async (permission: Permission, end?: string) => {
    await api.PUT("/profile/{id}/team/{member}", {
      params: { path: { id: profile, member: row.id } },
      body: end === undefined ? { permission } : { permission, ends_at: end },
    });
    await reread(keys.team(profile));
  };
  const form = useForm<{ permission: Permission; ends_at: string }>({
    initial: { permission: row.permission, ends_at: last },
    save: async ({ permission, ends_at: day }) => {
      const moved = day !== last;
      if (permission === row.permission && !moved) return;
      await set(permission, moved ? day || "never" : undefined);
      const done = moved
        ? texts.membershipChanged(row.name, day && format.calendarDay(day))
        : texts.permissionChanged(row.name, permissions.inText[permission]);
      toast(done, () => set(row.permission, moved ? (row.ends_at ?? "never") : undefined));
    },
    onSaved: onClose,
  });
  return (
    <Dialog open title={texts.permissionTitle(row.name)} onClose={onClose} dirty={form.dirty}>
      <p>{texts.permissionLead}</p>
      <Form form={form} submit={texts.saveGoes} cancel={onClose}>
        <RadioGroup
          label={texts.permission}
          choices={permissionIds.map((id) => ({ id, name: permissions.names[id], text: permissions.ofMember[id] }))}
          {...form.field("permission")}
        />
        <EndField {...form.field("ends_at")} />
      </Form>
    </Dialog>
  );
}
