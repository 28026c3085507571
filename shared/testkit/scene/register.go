package scene

import (
	"slices"

	"profiles/shared/operation"
)

// All is the register, in the order of the catalogue. A new operation gets a
// scene in the file of its noun.
func All() []Scene {
	all := slices.Concat(
		ofAccounts(), ofSessions(), ofPasswords(), ofAddresses(), ofFactors(), ofProfiles(),
		ofTokens(), ofRotations(), ofRevocations(), ofTeams(), ofTransfers(), ofReturns(),
		ofDesk(), ofSubscriptions(), ofPayments(), ofCosts(), ofUsage(), ofAlerts(), ofAudit(),
		ofBackups(),
		ofNotifications(), ofMails(), ofWebhooks(),
	)
	place := map[string]int{}
	for i, o := range operation.All() {
		place[o.Name] = i
	}
	slices.SortStableFunc(all, func(a, b Scene) int {
		return place[a.Operation.Name] - place[b.Operation.Name]
	})
	return all
}
