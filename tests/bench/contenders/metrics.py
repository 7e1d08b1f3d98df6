"""Sums a request log up per endpoint and five minutes, as the peers do it:
PEER FILE WARM_UP_FILE THREADS, PEER being polars or duckdb. Quantiles are exact.
"""

import json
import os
import resource
import sys
import time

peer, file, warm_up, threads = sys.argv[1:]


def with_polars(path):
    import polars as pl

    is_csv = path.endswith(".csv")
    if is_csv:
        schema = {
            "timestamp": pl.String,
            "method": pl.String,
            "endpoint": pl.String,
            "status_code": pl.UInt16,
            "size": pl.Int64,
            "response_time": pl.Float64,
        }
        log = pl.scan_csv(path, schema=schema).with_columns(
            pl.col("timestamp").str.to_datetime(
                "%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="ms"
            )
        )
    else:
        log = pl.scan_parquet(path)
    time_of_response = pl.col("response_time")
    table = (
        log.group_by("endpoint", pl.col("timestamp").dt.truncate("5m"))
        .agg(
            pl.len().alias("count"),
            (pl.col("status_code") >= 500).sum().alias("errors"),
            time_of_response.quantile(0.5, "linear").alias("p50"),
            time_of_response.quantile(0.95, "linear").alias("p95"),
            time_of_response.quantile(0.99, "linear").alias("p99"),
        )
        .sort("timestamp", "endpoint")
        .collect(engine="streaming")
    )
    return table["p95"].sum()


def with_duckdb(path):
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    source = (
        f"""read_csv('{path}', header = true, columns = {{
            'timestamp': 'TIMESTAMP', 'method': 'VARCHAR', 'endpoint': 'VARCHAR',
            'status_code': 'USMALLINT', 'size': 'BIGINT',
            'response_time': 'DOUBLE'}})"""
        if path.endswith(".csv")
        else f"'{path}'"
    )
    table = connection.execute(
        f"""select endpoint, time_bucket(interval 5 minutes, timestamp) as bucket,
            count(*) as count, sum((status_code >= 500)::int) as errors,
            quantile_cont(response_time, [0.5, 0.95, 0.99]) as quantiles
        from {source} group by all order by bucket, endpoint"""
    ).fetchall()
    return sum(row[4][1] for row in table)


if peer == "polars":
    os.environ["POLARS_MAX_THREADS"] = threads
work = with_polars if peer == "polars" else with_duckdb
work(warm_up)
start = time.perf_counter()
check = work(file)
seconds = time.perf_counter() - start
library = __import__(peer)
print(
    json.dumps(
        {
            "seconds": seconds,
            "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "version": f"{peer} {library.__version__}",
            "check": check,
        }
    )
)
