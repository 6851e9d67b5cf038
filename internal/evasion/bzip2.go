package evasion

// Output of Python's bz2.compress for [evil] and [good]; a test compares.
const (
	bzip2Evil = "QlpoOTFBWSZTWT3Tl+wAABDzwBAQQABAQxAACkecIEAEIAAxQNNDIyYhTQaGgZPSDbOxtsKmZoSg+Z8DrR5cwoKDv8XckU4UJA905fsA"
	bzip2Good = "QlpoOTFBWSZTWWNG78gAAA9XwAQQAEEEAJAADiWcAEAAIAAimj1DJpo2oU0yMTExCSGewy8RQ+ReqDRVliJQ/F3JFOFCQY0bvyA="
)
