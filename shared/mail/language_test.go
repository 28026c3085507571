package mail_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"profiles/shared/billing"
	"profiles/shared/mailing"
	"profiles/shared/plan"
	"profiles/shared/tenancy"
	"profiles/shared/transfer"
	"profiles/shared/value"
)

// What depends on what happened is written in each language.
func TestWording(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	april := time.Date(2030, time.April, 1, 0, 0, 0, 0, time.UTC)
	missing := mailing.Missing(transfer.Checks{
		{Code: "lock", Expected: "time", Actual: "none", Fix: "Wait until 2030-04-01T00:00:00Z"},
		{Code: "hold", OK: true},
	})
	some, nothing := plan.AmountsFrom(map[string]int64{"input": 7, "sms": 1}), plan.Amounts{}
	for _, c := range []struct {
		word           string
		phrase         mailing.Phrase
		english, other string
	}{
		{"resets", mailing.Resets(time.Time{}), "It is a level: use falls when something is removed.",
			"É um nível: o uso diminui quando algo é removido."},
		{"resets", mailing.Resets(april), "The count begins again on 1 April 2030, 00:00 UTC.",
			"A contagem recomeça em 1 de abril de 2030, 00:00 UTC."},
		{"lasts", mailing.Lasts(april), " The membership ends on 1 April 2030, 00:00 UTC.",
			" A participação termina em 1 de abril de 2030, 00:00 UTC."},
		{"lasts", mailing.Lasts(time.Time{}), "", ""},
		{"next", mailing.NextOfUnused(true),
			"If it is not used for 365 days, it is disabled: the owner of the profile has chosen that.",
			"Se não for usado por 365 dias, ele é desativado: o dono do perfil escolheu isso."},
		{"next", mailing.NextOfUnused(false), "It stays as it is until somebody deletes it.",
			"Ele fica como está até que alguém o apague."},
		{"message", mailing.Optional(""), "(none)", "(nenhuma)"},
		{"message", mailing.Optional("x"), "x", "x"},
		{"needs", mailing.Needs(transfer.PolicyAuto), "Nothing moves before both of you have agreed.",
			"Nada é movido antes que vocês dois tenham concordado."},
		{"missing", mailing.MissingOrNothing(nil), "nothing", "nada"},
		{"missing", missing,
			"- lock: needed is time, there is none. Wait until 1 April 2030, 00:00 UTC",
			"- a última transferência deste perfil foi há menos de 7 dias: espere"},
		{"what", mailing.Happened(mailing.FactorDisabled, "email", "It is off."), "It is off.",
			"Um segundo fator (PIN por e-mail) não vale mais para a sua conta. Se não foi você, " +
				"escolha uma nova senha agora e escreva para o suporte."},
		{"what", mailing.Reached(smsRefused),
			"SMS: 48 messages used; what came next would have passed 50 and was refused",
			"SMS: 48 mensagens em uso; o que veio em seguida passaria de 50 e foi recusado"},
		{"next", mailing.Stops(billing.Alert{Stop: billing.StopAll}),
			"Nothing more is admitted for it until the stop is lifted or the cycle ends.",
			"Nada mais é admitido para ele até o bloqueio ser liberado ou o ciclo acabar."},
		{"next", mailing.Stops(billing.Alert{Stop: billing.StopNone}), "It stops nothing.",
			"Ele não bloqueia nada."},
		{"missing", mailing.Unanswered(""), "- support waits for your answer to its question",
			"- o suporte espera pela sua resposta à pergunta dele"},
		{"reason", mailing.Reason("x"), "The reason: x", "O motivo: x"},
		{"reason", mailing.Reason(""), "", ""},
		{"stays", mailing.Stays(nil), "You can no longer open it.", "Você não pode mais abri-lo."},
		{"stays", mailing.Stays(&tenancy.Member{Permission: tenancy.PermissionRead}),
			"You stay in its team, with read permission.",
			"Você fica na equipe dele, com a permissão de leitura."},
		{"team", mailing.Team(nil), "0 members", "0 membros"},
		{"team", mailing.Team(tenancy.Team{{Active: true}, {}}), "1 member", "1 membro"},
		{"amounts", mailing.Amounts(some), "Data input: 7 variables\nSMS: 1 messages",
			"Entrada de dados: 7 variáveis\nSMS: 1 mensagens"},
		{"amounts", mailing.Amounts(nothing), "nothing, as it has no allocation",
			"nada, pois ele não tem alocação"},
		{"addons", mailing.Addons(billing.Addons{}), "none", "nenhum"},
		{"by", mailing.By(transfer.PartySupport), "the support desk", "O suporte"},
		{"outcome", mailing.Outcome(transfer.Transfer{State: transfer.Declined}, april),
			"was declined by the receiving side", "foi recusada por quem receberia o perfil"},
		// Mails of an earlier release have sentences.
		{"stays", "It is yours again.", "It is yours again.", "It is yours again."},
		{"resets", "The count begins again on 2030-04-01T00:00:00Z.",
			"The count begins again on 1 April 2030, 00:00 UTC.",
			"The count begins again on 1 de abril de 2030, 00:00 UTC."},
	} {
		for language, want := range map[string]string{"en": c.english, "pt": c.other} {
			got, err := r.Written(language, c.word, c.phrase, time.UTC)
			if got != want || err != nil {
				t.Errorf("%s: got %q, %v, want %q", language, got, err, want)
			}
		}
	}
	two := mailing.Addons(billing.Addons{CustomDNS: true, Mobile: true})
	both, err := r.Written("en", "addons", two, time.UTC)
	if n := strings.Count(both, " USD a month from your next renewal on"); n != 2 || err != nil ||
		!strings.Contains(both, "; ") {
		t.Errorf("got %q, %v, want two add-ons", both, err)
	}
}

// A language has a text for all that English has one for, and one of its own
// for whatever English takes from what is said elsewhere.
func TestEveryLanguageIsComplete(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	general := []string{"check", "outcome", "factors"}
	var want []string
	for _, name := range r.Phrases("en") {
		if !slices.Contains(general, name) && !strings.HasPrefix(name, "returned-") {
			want = append(want, name)
		}
	}
	for _, s := range plan.Services() {
		want = append(want, "service-"+s.String(), "unit-"+s.String())
	}
	for _, c := range []transfer.CheckCode{
		transfer.CheckSourceActive, transfer.CheckSourcePlan, transfer.CheckSourceKeeps,
		transfer.CheckNoOther, transfer.CheckLock, transfer.CheckHold, transfer.CheckDestAccount,
		transfer.CheckDestActive, transfer.CheckDestPlan, transfer.CheckDestProfiles,
		transfer.CheckDestAllocated, transfer.CheckDestStored, transfer.CheckDestTeam,
		transfer.CheckDestAddons, transfer.CheckSource, transfer.CheckDestination,
	} {
		want = append(want, "check-"+string(c))
	}
	for _, s := range []transfer.State{
		transfer.Requested, transfer.Completed, transfer.Canceled, transfer.Declined,
		transfer.Rejected, transfer.Expired, transfer.Failed,
	} {
		want = append(want, "outcome-"+string(s))
	}
	for _, e := range []mailing.FactorEvent{
		mailing.FactorEnabled, mailing.FactorDisabled, mailing.FactorsTaken,
		mailing.FactorsCodesMade, mailing.FactorsCodeUsed, mailing.FactorsWrong,
		mailing.FactorsManyWrong,
	} {
		want = append(want, "factors-"+string(e))
	}
	slices.Sort(want)
	for _, language := range mailing.Languages()[1:] {
		if got := r.Phrases(language); !slices.Equal(got, want) {
			t.Errorf("%s has other texts:\n%q, want\n%q", language, got, want)
		}
	}
}

// Templates use the words of their mails, each language has all mails to
// customers, and those to the desk are in English.
func TestTemplatesHaveTheWordsOfTheirMails(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	for _, language := range mailing.Languages() {
		for _, kind := range mailing.Kinds() {
			own, err := r.Check(language, kind, message(kind).Data)
			if err != nil {
				t.Errorf("%s, %s: %v", language, kind, err)
			}
			if want := language == "en" || !kind.ToDesk(); own != want {
				t.Errorf("%s, %s: the language has it: %v, want %v", language, kind, own, want)
			}
		}
	}
}

// Times in English mails are those of notifications.
func TestMomentsAreTheSameEverywhere(t *testing.T) {
	t.Parallel()
	r := renderer(t)
	at := time.Date(2030, time.March, 14, 1, 26, 53, 0, time.UTC)
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Auckland"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		m := messageIn("en", mailing.KindAccountDeleted)
		m.Data["zone"], m.Data["when"] = name, mailing.Moment(at)
		got, err := r.Render(m)
		if want := value.Moment(at, zone); err != nil || !strings.Contains(got.Text, want) {
			t.Errorf("%s: got %v and\n%s, want %s in it", name, err, got.Text, want)
		}
	}
}
