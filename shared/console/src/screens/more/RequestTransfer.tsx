import { useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { api } from "../../api/index.ts";
import { accountQuery, keys, profileQuery, teamQuery } from "../../api/queries.ts";
import { Form } from "../../kit/Form.tsx";
import { Link } from "../../kit/Link.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page, Section } from "../../kit/Page.tsx";
import { emptyProof, type Proof, Prove, proofBody } from "../../kit/Prove.tsx";
import { Loaded } from "../../kit/States.tsx";
import { TextField } from "../../kit/TextField.tsx";
import { toast } from "../../kit/Toasts.tsx";
import { reread } from "../../kit/useAction.ts";
import { useForm } from "../../kit/useForm.ts";
import { listed, useFormat } from "../../lib/format.ts";
import { common } from "../../messages/en/common.ts";
import { more, requesting as texts } from "../../messages/en/more.ts";
import { addons } from "../../messages/en/services.ts";
import { useSession } from "../../session/store.ts";
import { Given } from "../../shell/Given.tsx";
import { useProfile } from "../../shell/Profile.tsx";
import { countsOf } from "../team/rows.ts";
import { Checks } from "../transfer/Checks.tsx";
import { checkQuery } from "../transfer/queries.ts";
import transferStyles from "../transfer/Transfer.module.css";
import { heldUntil, isBlocking, type View } from "../transfer/words.ts";

/**
 * Offers a profile to another account. It shows the prerequisites and the next
 * steps, and asks for the receiver.
 */
export function RequestTransfer() {
  const { id, name, own, owner_name } = useProfile();
  const query = useQuery({ ...checkQuery(id), enabled: own });
  return (
    <Page
      title={texts.title}
      within={name}
      lead={texts.lead(name)}
      beside={<Given />}
      actions={
        <Link to="/p/$profile/more" params={{ profile: id }} kind="secondary">
          {texts.back}
        </Link>
      }
    >
      {own ? (
        <Loaded query={query}>{(view) => <Whole view={view} id={id} name={name} />}</Loaded>
      ) : (
        <Notice>{more.readOnly(owner_name)}</Notice>
      )}
    </Page>
  );
}

function Whole({ view, id, name }: { view: View; id: string; name: string }) {
  const { moment } = useFormat();
  const ready = !view.checks.some(isBlocking);
  const held = heldUntil(view);
  if (view.ticket) {
    return (
      <Notice>
        {more.transferOpen(view.ticket)}{" "}
        <Link to="/transfers/$ticket" params={{ ticket: view.ticket }}>
          {more.transferSee}
        </Link>
      </Notice>
    );
  }
  return (
    <>
      <Checks view={view} title={texts.before} all />
      <Effects id={id} />
      {held && ready && <Notice kind="warn">{texts.onHold(moment(held))}</Notice>}
      <Offer id={id} name={name} ready={ready} />
    </>
  );
}

function Effects({ id }: { id: string }) {
  const { data: team } = useQuery(teamQuery(id));
  const { data: profile } = useQuery(profileQuery(id));
  const { members } = countsOf(team ?? []);
  const has = (Object.keys(addons) as (keyof typeof addons)[]).filter((addon) => profile?.addons[addon]);
  const lists: [string, string[]][] = [
    [texts.moves, texts.movesList(listed(has.map((addon) => addons[addon])), members)],
    [texts.ends, texts.endsList],
    [texts.chooses, texts.choosesList],
  ];
  return (
    <Section title={texts.effects}>
      <div className={transferStyles.effects}>
        {lists.map(([title, items]) => (
          <div key={title}>
            <h3>{title}</h3>
            <ul className={transferStyles.bullets}>
              {items.map((item) => (
                <li key={item}>{item}</li>
              ))}
            </ul>
          </div>
        ))}
      </div>
      <p className={transferStyles.quiet}>{texts.undo}</p>
    </Section>
  );
}

function Offer({ id, name, ready }: { id: string; name: string; ready: boolean }) {
  const router = useRouter();
  const session = useSession();
  const { data: account } = useQuery(accountQuery);
  const form = useForm<{ email: string; message: string; typed: string; proof: Proof }>({
    initial: { email: "", message: "", typed: "", proof: emptyProof(account?.otp) },
    names: ["password", "pin_code"],
    save: async ({ email, message, proof }) => {
      const { ticket } = await api.POST("/profile/{id}/transfer", {
        params: { path: { id } },
        body: { ...proofBody(proof), email: email.trim(), message: message.trim() || null },
      });
      await reread(keys.transfers, keys.profile(id), keys.profiles, keys.notifications);
      toast(texts.opened(ticket));
      await router.navigate({ to: "/transfers/$ticket", params: { ticket }, ignoreBlocker: true });
    },
  });
  return (
    <Section title={texts.form} lead={!ready && texts.beforeMissing}>
      <Form form={form} narrow guard danger submit={ready ? texts.submit : null}>
        <TextField
          label={texts.email}
          hint={texts.emailHint}
          type="email"
          autoComplete="off"
          isRequired
          isDisabled={!ready}
          maxLength={254}
          {...form.field("email")}
        />
        {ready && (
          <>
            <TextField label={texts.message} optional lines={3} maxLength={1000} {...form.field("message")} />
            <TextField
              label={common.typeToConfirm(name)}
              autoComplete="off"
              isRequired
              validate={(typed) => (typed.trim() === name.trim() ? null : common.typeMismatch(name))}
              {...form.field("typed")}
            />
            <Prove
              value={form.values.proof}
              onChange={(proof) => form.set({ proof })}
              email={session.email}
              error={form.error}
            />
          </>
        )}
      </Form>
    </Section>
  );
}
