package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere/types"
)

// Subjects implements [SubjectReader].
func (c *Client) Subjects(ctx context.Context) ([]Subject, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return nil, err
	}
	var list []Subject
	pages := rolesanywhere.NewListSubjectsPaginator(client, &rolesanywhere.ListSubjectsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "rolesanywhere", "ListSubjects", "")
		}
		for _, s := range page.Subjects {
			list = append(list, Subject{ARN: aws.ToString(s.SubjectArn), ID: aws.ToString(s.SubjectId), Enabled: aws.ToBool(s.Enabled),
				X509Subject: aws.ToString(s.X509Subject), LastSeenAt: aws.ToTime(s.LastSeenAt)})
		}
	}
	return list, nil
}

// Subject implements [SubjectReader].
func (c *Client) Subject(ctx context.Context, id string) (Subject, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return Subject{}, err
	}
	out, err := client.GetSubject(ctx, &rolesanywhere.GetSubjectInput{SubjectId: aws.String(idOf(id))})
	if err != nil {
		return Subject{}, asked(err, "rolesanywhere", "GetSubject", id)
	}
	return subjectOf(out.Subject), nil
}

func subjectOf(d *types.SubjectDetail) Subject {
	if d == nil {
		return Subject{}
	}
	s := Subject{ARN: aws.ToString(d.SubjectArn), ID: aws.ToString(d.SubjectId), Enabled: aws.ToBool(d.Enabled),
		X509Subject: aws.ToString(d.X509Subject), LastSeenAt: aws.ToTime(d.LastSeenAt)}
	for _, a := range d.Credentials {
		s.Attempts = append(s.Attempts, Attempt{SeenAt: aws.ToTime(a.SeenAt), Serial: aws.ToString(a.SerialNumber), Issuer: aws.ToString(a.Issuer),
			Certificate: aws.ToString(a.X509CertificateData), Failed: aws.ToBool(a.Failed)})
	}
	return s
}
