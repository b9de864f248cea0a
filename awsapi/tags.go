package awsapi

import (
	"context"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere"
	"github.com/aws/aws-sdk-go-v2/service/rolesanywhere/types"
)

// Tags implements [Tags].
func (c *Client) Tags(ctx context.Context, arn string) (map[string]string, error) {
	client, err := c.rolesAnywhere()
	if err != nil {
		return nil, err
	}
	out, err := client.ListTagsForResource(ctx, &rolesanywhere.ListTagsForResourceInput{ResourceArn: aws.String(arn)})
	if err != nil {
		return nil, asked(err, "rolesanywhere", "ListTagsForResource", arn)
	}
	tags := map[string]string{}
	for _, tag := range out.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, nil
}

// anywhereTags and roleTags sort by key, so that the same tags give the same
// request.
func anywhereTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

func roleTags(tags map[string]string) []iamtypes.Tag {
	var list []iamtypes.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, iamtypes.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}
