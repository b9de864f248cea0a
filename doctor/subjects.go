package doctor

import (
	"context"
	"slices"
	"strings"

	"anywhere/awsapi"
)

// subjects reads what Roles Anywhere has seen of the certificate's subject. The
// group of calls is limited to one a second, so no more than two are read whole:
// AWS keeps one subject for each distinguished name.
//
// Source: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/monitoring-subjects.html
func (g *gatherer) subjects(ctx context.Context, aws awsapi.Reader) {
	leaf := parsed(g.e.Certificate.Leaf)
	if leaf == nil {
		return
	}
	question(ctx, g, &g.e.AWS.Subjects, func(ctx context.Context) ([]awsapi.Subject, error) {
		all, err := aws.Subjects(ctx)
		if err != nil {
			return nil, err
		}
		var ours []awsapi.Subject
		for _, s := range all {
			if len(ours) == 2 || !sameName(s.X509Subject, leaf.Subject.String()) {
				continue
			}
			if s, err = aws.Subject(ctx, s.ARN); err != nil {
				return nil, err
			}
			ours = append(ours, s)
		}
		return ours, nil
	})
}

// sameName compares distinguished names without regard to the order of their
// parts and the blanks between them: nobody has published how AWS writes one.
func sameName(a, b string) bool {
	parts := func(name string) []string {
		list := strings.Split(name, ",")
		for i := range list {
			list[i] = strings.ToLower(strings.TrimSpace(list[i]))
		}
		slices.Sort(list)
		return list
	}
	return slices.Equal(parts(a), parts(b))
}
