import { useQuery } from "@tanstack/react-query";
import { accountQuery } from "../../api/queries.ts";
import { Page } from "../../kit/Page.tsx";
import { Loaded } from "../../kit/States.tsx";
import { security as texts } from "../../messages/en/security.ts";
import { AccountTabs } from "../account/AccountTabs.tsx";
import { Address } from "./Address.tsx";
import { DeleteAccount } from "./DeleteAccount.tsx";
import { ExportAccount } from "./ExportAccount.tsx";
import { Factors } from "./Factors.tsx";
import { Password } from "./Password.tsx";
import { Sessions } from "./Sessions.tsx";

/**
 * The credentials of the account: password, address, second factors and
 * sessions; and its deletion.
 */
export function Security() {
  const query = useQuery(accountQuery);
  return (
    <Page title={texts.title} lead={texts.lead}>
      <AccountTabs />
      <Loaded query={query}>
        {(account) => (
          <>
            <Factors account={account} />
            <Password account={account} />
            <Address account={account} />
            <Sessions />
            <ExportAccount account={account} />
            <DeleteAccount account={account} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
