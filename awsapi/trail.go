package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// eventsPerPage is CloudTrail's maximum.
const eventsPerPage = 50

// Events implements [Trail]; the newest event comes first.
func (c *Client) Events(ctx context.Context, query EventQuery) ([]Event, error) {
	client, err := c.cloudTrail()
	if err != nil {
		return nil, err
	}
	limit := query.Limit
	if limit == 0 {
		limit = eventsPerPage
	}
	in := &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(int32(min(limit, eventsPerPage))), LookupAttributes: attributesOf(query)}
	if !query.Since.IsZero() {
		in.StartTime = aws.Time(query.Since)
	}
	var list []Event
	pages := cloudtrail.NewLookupEventsPaginator(client, in)
	for pages.HasMorePages() && len(list) < limit {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, asked(err, "cloudtrail", "LookupEvents", "")
		}
		for _, e := range page.Events {
			list = append(list, Event{
				ID: aws.ToString(e.EventId), Name: aws.ToString(e.EventName), Source: aws.ToString(e.EventSource),
				Time: aws.ToTime(e.EventTime), Username: aws.ToString(e.Username),
				AccessKeyID: aws.ToString(e.AccessKeyId), Record: aws.ToString(e.CloudTrailEvent),
			})
		}
	}
	return list[:min(limit, len(list))], nil
}

// attributesOf returns the one attribute that the query names.
func attributesOf(query EventQuery) []types.LookupAttribute {
	for _, attribute := range []struct {
		key   types.LookupAttributeKey
		value string
	}{
		{types.LookupAttributeKeyEventName, query.Name},
		{types.LookupAttributeKeyEventSource, query.Source},
		{types.LookupAttributeKeyAccessKeyId, query.AccessKeyID},
		{types.LookupAttributeKeyUsername, query.Username},
	} {
		if attribute.value != "" {
			return []types.LookupAttribute{{AttributeKey: attribute.key, AttributeValue: aws.String(attribute.value)}}
		}
	}
	return nil
}

// Buckets implements [Buckets]. The first page is enough for a probe.
func (c *Client) Buckets(ctx context.Context) ([]string, error) {
	out, err := c.s3().ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		return nil, asked(err, "s3", "ListBuckets", "")
	}
	var list []string
	for _, bucket := range out.Buckets {
		list = append(list, aws.ToString(bucket.Name))
	}
	return list, nil
}
