import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { RadioGroup } from "../../kit/RadioGroup.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { type Permission, permissionIds, permissions } from "../../messages/en/permissions.ts";
import { team as texts } from "../../messages/en/team.ts";
import type { Row } from "./rows.ts";

/** Changes the permission of a member. The change can be undone. */
export function ChangePermission({ profile, row, onClose }: { profile: string; row: Row; onClose: () => void }) {
  const set = async (permission: Permission) => {
    await api.PUT("/profile/{id}/team/{member}", {
      params: { path: { id: profile, member: row.id } },
      body: { permission },
    });
    await reread(keys.team(profile));
  };
  const form = useForm<{ permission: Permission }>({
    initial: { permission: row.permission },
    save: async ({ permission }) => {
      if (permission === row.permission) return;
      await set(permission);
      toast(texts.permissionChanged(row.name, permissions.inText[permission]), () => set(row.permission));
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
      </Form>
    </Dialog>
  );
}
