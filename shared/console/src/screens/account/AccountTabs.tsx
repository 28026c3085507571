import { Link } from "../../kit/Link.tsx";
import { Tabs, tabClass } from "../../kit/Page.tsx";
import { account as texts } from "../../messages/en/account.ts";

/** The parts of the account: each is a page of its own. */
export function AccountTabs() {
  return (
    <Tabs label={texts.parts}>
      <Link to="/account" activeOptions={{ exact: true, includeSearch: false }} className={tabClass}>
        {texts.person}
      </Link>
      <Link to="/account/security" className={tabClass}>
        {texts.security}
      </Link>
      <Link to="/account/tokens" className={tabClass}>
        {texts.tokens}
      </Link>
      <Link to="/account/audit" activeOptions={{ includeSearch: false }} className={tabClass}>
        {texts.audit}
      </Link>
      <Link to="/account/backups" className={tabClass}>
        {texts.backups}
      </Link>
      <Link to="/account/webhooks" className={tabClass}>
        {texts.webhooks}
      </Link>
    </Tabs>
  );
}
