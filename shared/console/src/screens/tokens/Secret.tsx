import Download from "lucide-react/icons/download";
import type { ReactNode } from "react";
import { Button } from "../../kit/Button.tsx";
import { Guard } from "../../kit/Form.tsx";
import { Notice } from "../../kit/Notice.tsx";
import { Page } from "../../kit/Page.tsx";
import { useReady } from "../../kit/useReady.ts";
import { CopyField } from "../../kit/Values.tsx";
import { download } from "../../lib/download.ts";
import { tokens as texts } from "../../messages/en/tokens.ts";
import styles from "./Tokens.module.css";

type Props = {
  profileName: string;
  name: string;
  secret: string;
  /** The token works only from some networks. */
  limited: boolean;
  children?: ReactNode;
  onStored: () => void;
};

/**
 * The page that shows a token, only this once. It is not a dialog, because a
 * dialog could be closed by mistake. Leaving the page asks, until the person
 * confirms that the token is stored. The text of the token is only in this
 * component, and is gone with it.
 */
export function Secret({ profileName, name, secret, limited, children, onStored }: Props) {
  const ready = useReady();
  const { origin } = globalThis.location;
  return (
    <Page title={texts.secretTitle} within={profileName} lead={texts.secretLead}>
      <Guard dirty title={texts.leaveTitle} text={texts.leaveText} />
      <div className={styles.secret}>
        <Notice kind="warn">{texts.secretLost}</Notice>
        <CopyField labelled focused label={texts.secret} value={secret} />
        <CopyField labelled label={texts.tryIt} value={`curl -H 'token: ${secret}' ${origin}/info`} />
        {limited && <p className={styles.quiet}>{texts.tryItFrom}</p>}
        {children}
        <div className={styles.row}>
          <Button kind="primary" isDisabled={!ready} onPress={onStored}>
            {texts.stored}
          </Button>
          <Button
            icon={Download}
            onPress={() => download(`${fileName(name)}.env`, environment(secret, origin), "text")}
          >
            {texts.download}
          </Button>
        </div>
      </div>
    </Page>
  );
}

// environment is the token in the form in which programs read it.
const environment = (secret: string, origin: string) => `PROFILES_URL=${origin}\nPROFILES_TOKEN=${secret}\n`;

const fileName = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 40) || "token";
