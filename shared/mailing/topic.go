package mailing

import "profiles/shared/topic"

// topics has the mails that an account can switch off, by what they are about.
var topics = map[Kind]topic.Topic{
	KindUsageAlert:   topic.Usage,
	KindAlertReached: topic.Usage,
	KindUsageDigest:  topic.Usage,

	KindProfileDeleted: topic.Profile,

	KindTeamInvited:     topic.Team,
	KindTeamInvitedNew:  topic.Team,
	KindTeamReminder:    topic.Team,
	KindTeamDeclined:    topic.Team,
	KindTeamExpired:     topic.Team,
	KindTeamEnding:      topic.Team,
	KindTeamEndingOwner: topic.Team,

	KindTokenEnds:     topic.Token,
	KindTokenUnused:   topic.Token,
	KindTokenDisabled: topic.Token,

	KindTransferNote:     topic.Transfer,
	KindTransferQuestion: topic.Transfer,
	KindTransferWaiting:  topic.Transfer,
	KindTransferExtended: topic.Transfer,
	KindTransferEnded:    topic.Transfer,

	KindWebhookDisabled: topic.Webhook,
}

// ToDesk reports whether mails of the kind go to the support desk only, which
// reads English.
func (k Kind) ToDesk() bool {
	switch k {
	case KindTransferDesk, KindTransferRemindDesk, KindTransferBackDesk, KindMailReturned:
		return true
	}
	return false
}

// Topic returns what mails of the kind are about. It is topic.Security for
// those that nobody can switch off: besides those that are about security, that
// somebody can open a profile from now on, and the offers of transfers, as only
// their code can answer them.
func (k Kind) Topic() topic.Topic { return topics[k] }
