import { useRouter } from "@tanstack/react-router";
import { api } from "../../api/index.ts";
import { keys } from "../../api/queries.ts";
import type { components } from "../../api/schema.d.ts";
import { Button } from "../../kit/Button.tsx";
import { Buttons } from "../../kit/Buttons.tsx";
import { Checkbox } from "../../kit/Checkbox.tsx";
import { Dialog } from "../../kit/Dialog.tsx";
import { Form } from "../../kit/Form.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { common } from "../../messages/en/common.ts";
import { home as texts } from "../../messages/en/home.ts";
import { plans } from "../../messages/en/services.ts";

type Overview = components["schemas"]["AccountOverviewView"];

/** Asks for the name of a new profile, makes it and opens it. */
export function AddProfile({ overview, onClose }: { overview: Overview; onClose: () => void }) {
  const { plan, limits, profiles } = overview;
  const own = profiles.filter(({ role }) => role === "owner").length;
  if (own >= limits.profiles) {
    return (
      <Dialog open title={texts.addTitle} onClose={onClose}>
        <p>{texts.full(limits.profiles, plans[plan])}</p>
        <Buttons>
          <Button autoFocus onPress={onClose}>
            {common.close}
          </Button>
        </Buttons>
      </Dialog>
    );
  }
  return <NewProfile onClose={onClose} />;
}

function NewProfile({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const form = useForm({
    initial: { name: "", all: true },
    save: async ({ name, all }) => {
      const { id } = await api.POST("/profile", {
        params: { query: { allocate_free_resources: all } },
        body: { name: name.trim() },
      });
      await reread(keys.account);
      toast(texts.added(name.trim()));
      onClose();
      await router.navigate({ to: "/p/$profile", params: { profile: id } });
    },
  });
  return (
    <Dialog open title={texts.addTitle} onClose={onClose} dirty={form.dirty}>
      <Form form={form} submit={texts.create} cancel={onClose}>
        <TextField
          label={texts.addName}
          hint={texts.addHint}
          isRequired
          maxLength={100}
          autoFocus
          {...form.field("name")}
        />
        <Checkbox name="all" text={texts.addAllText} isSelected={form.values.all} onChange={(all) => form.set({ all })}>
          {texts.addAll}
        </Checkbox>
      </Form>
    </Dialog>
  );
}
