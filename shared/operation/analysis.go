package operation

import (
	"context"

	"profiles/shared/httpapi"
	"profiles/shared/problem"
	"profiles/shared/service"
)

var AnalysisList = Operation{
	Name:    "analysis-list",
	Tag:     "Service",
	Summary: "Answers that the token's profile has no analyses, as data planes keep scripts. TagoIO's command line asks for them first.",
	Routes:  []Route{{"GET", "/analysis"}},
	Slash:   true,
	Access:  Read,
	Call:    pages[httpapi.List, analysisRow](analysisList),
	Refuses: []problem.Reason{problem.ReasonNoOwnProfile},
	Example: Example{Path: "/analysis"},
}

func analysisList(
	ctx context.Context,
	s *service.Services,
	r *request,
	q httpapi.List,
) ([]analysisRow, string, error) {
	// There is no position in a list without rows.
	if err := paging(q.Paging).Check(func(string) bool { return false }); err != nil {
		return nil, "", err
	}
	_, err := s.Profiles.Get(ctx, r.client, service.ProfileRef{Current: true})
	return []analysisRow{}, "", err
}

// analysisRow is a script of the data plane. This service has none.
type analysisRow struct{}
