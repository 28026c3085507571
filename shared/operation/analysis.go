package operation

import (
	"context"

	"profiles/shared/service"
)

var AnalysisList = Operation{
	Name: "analysis-list", Tag: "Service", Summary: "Answers that the token's profile has no analyses: scripts are the data plane's. TagoIO's command line asks for them first.",
	Routes: []Route{{"GET", "/analysis"}}, Slash: true, Access: Read, params: []string{"page", "amount", "fields", "filter", "orderBy"}, answer: analysisList,
	Example: Example{Path: "/analysis"},
}

func analysisList(ctx context.Context, s *service.Services, r *request) (any, error) {
	if _, err := parseList(r.URL.RawQuery); err != nil {
		return nil, err
	}
	_, err := s.Profiles.Get(ctx, r.client, service.ProfileRef{Current: true})
	return []struct{}{}, err
}
