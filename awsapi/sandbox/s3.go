package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"anywhere/awsapi/policy"
)

// SampleBucket is the bucket that a sandbox begins with.
const SampleBucket = "anywhere-sandbox-sample"

// s3 is as much of S3 as the AWS CLI's ls, cp, mb and rb need. Buckets are found
// by path only: the sandbox's one name is an address.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
func s3() *service {
	return &service{name: "s3", title: "s3", talk: restXML, pick: pickS3, operations: append(bucketOperations(), objectOperations()...)}
}

func bucketOperations() []operation {
	return []operation{
		{name: "ListBuckets", route: "GET /", action: "s3:ListAllMyBuckets", raw: true, do: listBuckets},
		{name: "CreateBucket", route: "PUT /{bucket}", resource: bucketARN, raw: true, writes: true, do: createBucket},
		{name: "HeadBucket", route: "HEAD /{bucket}", action: "s3:ListBucket", resource: bucketARN, raw: true, do: headBucket},
		{name: "DeleteBucket", route: "DELETE /{bucket}", resource: bucketARN, raw: true, writes: true, do: deleteBucket},
		{name: "GetBucketLocation", route: "GET /{bucket}?location", resource: bucketARN, raw: true, do: bucketLocation},
		{name: "GetBucketPolicy", route: "GET /{bucket}?policy", resource: bucketARN, raw: true, do: getBucketPolicy},
		{name: "PutBucketPolicy", route: "PUT /{bucket}?policy", resource: bucketARN, raw: true, writes: true, status: http.StatusNoContent, do: putBucketPolicy},
		{name: "DeleteBucketPolicy", route: "DELETE /{bucket}?policy", resource: bucketARN, raw: true, writes: true, status: http.StatusNoContent, do: deleteBucketPolicy},
		{name: "ListObjects", route: "GET /{bucket}", action: "s3:ListBucket", resource: listedBucket, raw: true, data: true, do: listObjects},
		{name: "ListObjectsV2", route: "GET /{bucket}?list-type", action: "s3:ListBucket", resource: listedBucket, raw: true, data: true, do: listObjects},
		{name: "DeleteObjects", route: "POST /{bucket}?delete", action: "-", raw: true, data: true, writes: true, do: deleteObjects},
	}
}

func objectOperations() []operation {
	return []operation{
		{name: "GetObject", route: "GET /{bucket}/{key}", resource: objectARN, raw: true, data: true, do: getObject},
		{name: "HeadObject", route: "HEAD /{bucket}/{key}", action: "s3:GetObject", resource: objectARN, raw: true, data: true, do: getObject},
		{name: "PutObject", route: "PUT /{bucket}/{key}", resource: objectARN, raw: true, data: true, writes: true, do: putObject},
		{name: "DeleteObject", route: "DELETE /{bucket}/{key}", resource: objectARN, raw: true, data: true, writes: true, status: http.StatusNoContent, do: deleteObject},
		{name: "CreateMultipartUpload", route: "POST /{bucket}/{key}?uploads", action: "s3:PutObject", resource: objectARN, raw: true, data: true, writes: true, do: beginUpload},
		{name: "UploadPart", route: "PUT /{bucket}/{key}?partNumber", action: "s3:PutObject", resource: objectARN, raw: true, data: true, writes: true, do: uploadPart},
		{name: "CompleteMultipartUpload", route: "POST /{bucket}/{key}?uploadId", action: "s3:PutObject", resource: objectARN, raw: true, data: true, writes: true, do: completeUpload},
		{name: "AbortMultipartUpload", route: "DELETE /{bucket}/{key}?uploadId", resource: objectARN, raw: true, data: true, writes: true, status: http.StatusNoContent, do: abortUpload},
	}
}

// pickS3 tells S3's calls apart by method, by how deep the path is, and by the
// query parameter that stands for a part of the bucket or object.
func pickS3(s *service, r *http.Request, _ []byte) (*operation, map[string]string, string) {
	asked, _ := url.ParseQuery(r.URL.RawQuery)
	bucket, key, deep := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	deep = deep && key != ""
	var found *operation
	for i := range s.operations {
		op := &s.operations[i]
		method, pattern, _ := strings.Cut(op.route, " ")
		pattern, part, hasPart := strings.Cut(pattern, "?")
		fits := method == r.Method && strings.Contains(pattern, "{key}") == deep && strings.Contains(pattern, "{bucket}") == (bucket != "")
		switch {
		case !fits:
		case hasPart && asked.Has(part):
			found = op // more exact than one without
		case !hasPart && found == nil && !strays(asked):
			found = op
		}
	}
	if found == nil {
		return nil, nil, r.Method + " " + r.URL.Path + "?" + r.URL.RawQuery
	}
	return found, map[string]string{"bucket": bucket, "key": key}, found.name
}

// strays says whether the query asks for a part of a bucket or object that the
// sandbox does not know; its parameters are then not those of the plain call.
func strays(asked url.Values) bool {
	known := []string{"prefix", "delimiter", "marker", "max-keys", "encoding-type", "list-type", "continuation-token", "start-after", "fetch-owner",
		"max-buckets", "bucket-region", "x-id", "versionId", "response-content-type", "response-content-disposition", "location", "policy", "uploads",
		"uploadId", "partNumber", "delete"}
	for name := range asked {
		if !slices.Contains(known, name) && !strings.HasPrefix(strings.ToLower(name), "x-amz-") {
			return true
		}
	}
	return false
}

func bucketARN(c *call) string { return "arn:aws:s3:::" + c.labels["bucket"] }
func objectARN(c *call) string { return bucketARN(c) + "/" + c.labels["key"] }

// listedBucket is a bucket with the condition keys of a listing.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
func listedBucket(c *call) string {
	c.about = policy.Context{}
	for key, name := range map[string]string{"s3:prefix": "prefix", "s3:delimiter": "delimiter", "s3:max-keys": "max-keys"} {
		if asked := c.request.URL.Query(); asked.Has(name) {
			c.about[key] = []string{asked.Get(name)}
		}
	}
	return bucketARN(c)
}

// bucketPolicy is the resource policy of what an ARN of S3 names.
func (c *call) bucketPolicy(resource string) []policy.Document {
	name, ok := strings.CutPrefix(resource, "arn:aws:s3:::")
	name, _, _ = strings.Cut(name, "/")
	if b, _ := c.bucketNamed(name); ok && b != nil && b.Policy != "" {
		return c.documents(b.Policy)
	}
	return nil
}
