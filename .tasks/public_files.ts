/**
 * The public data sets that the tests and benchmarks read: where each file
 * comes from, at a pinned commit, and its checksum.
 *
 * @module
 */

/** A file of a public data set. */
export type PublicFile = {
  /** Where it is put, relative to the data folder. */
  readonly path: string;
  /** Where it comes from. */
  readonly url: string;
  /** The SHA-256 checksum of what is downloaded, in hexadecimal digits. */
  readonly sha256: string;
};

/** Numenta Anomaly Benchmark v1.1, MIT licence. */
const nab = raw("numenta/NAB", "ea702d75cc2258d9d7dd35ca8e5e2539d71f3140");
/** The commits that brought the files of Microsoft's data set, MIT licence. */
const microsoftA = raw(
  "microsoft/cloud-monitoring-dataset",
  "e4e8ba145511a68736ae5bb2b121e75a0742ee98",
);
const microsoftB = raw(
  "microsoft/cloud-monitoring-dataset",
  "8b077859eafc804dab2b1dfbc0e8198e2ef460d2",
);
const microsoftC = raw(
  "microsoft/cloud-monitoring-dataset",
  "eec4b8e868d8c1c6786afacc8510d1b4a025e93a",
);
/** Lines of a real web server, Apache-2.0 licence. */
const elastic = raw(
  "elastic/examples",
  "8174879f5df5a366327d253bd5294e098d341b34",
);
/** Real server logs, for research; cite Loghub. */
const loghub = raw("logpai/loghub", "374038faa4ca122dd7ca0730372c0b78f76f8597");
/** The project that the notebooks mirror. */
const reference = raw(
  "parthmanekar25/HackOHire_ML_Model",
  "43a22752368fcb32a9f82a50ebe2f966e9b98469",
);

/** NAB's labelled windows of all its series. */
export const nabWindows: PublicFile = {
  path: "nab/combined_windows.json",
  url: nab("labels/combined_windows.json"),
  sha256: "1e1fbc4601321aad8d0f8b3784c8134299379f68f6c1f7777565f8ffd57ab6b1",
};

/** The NAB series used, by their name in NAB, with checksums. */
const nabSeries: readonly (readonly [string, string])[] = [
  [
    "artificialNoAnomaly/art_daily_no_noise.csv",
    "ccb7743ac2de8ca110db4af796d11ba31a23ad448a28e353a935c15f637756bc",
  ],
  [
    "artificialNoAnomaly/art_daily_small_noise.csv",
    "c4b304229f69f108eaa024fb2406fcd4510c5c5d95cd0053e2da6989682e4e6d",
  ],
  [
    "artificialNoAnomaly/art_noisy.csv",
    "ad455adeaf06852222500955f2aefe6bd389cc762ef68e7102ee543209c8607f",
  ],
  [
    "artificialWithAnomaly/art_daily_flatmiddle.csv",
    "ea5df125947e9ee2b977ac3d341f3c2a029588862af97cae4a654fc56e838702",
  ],
  [
    "artificialWithAnomaly/art_daily_jumpsup.csv",
    "f79f92b93ee4f9c10e2dc552505e8880b0c618639ed5e0f9816e044b75c26456",
  ],
  [
    "artificialWithAnomaly/art_increase_spike_density.csv",
    "0959d8871d5c1a3fc3120fb7421e4ef113fffb434af2889085b52aebdb69360c",
  ],
  [
    "realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv",
    "ab446fbd8b9f37507eb2fdb06315826d8daeef02e241133ce06e0ee571ba53d9",
  ],
  [
    "realAWSCloudwatch/ec2_cpu_utilization_5f5533.csv",
    "01613e6f632d067f11a5dfd40a188b0789752b388d9bc77a398bd06333878a76",
  ],
  [
    "realAWSCloudwatch/ec2_cpu_utilization_825cc2.csv",
    "d768419037c9db269343822957314f57ee21a7d9a4d41df2add0d1ba45ba84de",
  ],
  [
    "realAWSCloudwatch/ec2_cpu_utilization_c6585a.csv",
    "d936cea74682ed43ac96b778352d7de294c0b0c168f4a7e6817162346cdb28c1",
  ],
  [
    "realAWSCloudwatch/ec2_disk_write_bytes_1ef3de.csv",
    "ce3d6c6a652ed7c31a6dd3727a36e128fcac6fb2381c63267ad0fbc02eccd9df",
  ],
  [
    "realAWSCloudwatch/ec2_network_in_257a54.csv",
    "39104b08f2e0a673b5137eb7681897fcadf0955fedf565740a6a94edc63a81a4",
  ],
  [
    "realAWSCloudwatch/elb_request_count_8c0756.csv",
    "74c26574a01ca9fb89dddb5021e2e13c3a93eb25dc640438a9acb1ceb00f1021",
  ],
  [
    "realAWSCloudwatch/iio_us-east-1_i-a2eb1cd9_NetworkIn.csv",
    "f115fbe6542159eed5612445bfa620708a28ab6b41349d1432bb15c3a3b8414d",
  ],
  [
    "realAWSCloudwatch/rds_cpu_utilization_e47b3b.csv",
    "6b712b922ab3b3404c5a629d64a570c390c99471ee8b9b0ff7665f553fda92c1",
  ],
  [
    "realAdExchange/exchange-2_cpc_results.csv",
    "d869ab165254f3ee77ee21fd9fab2be1d07c1f80b8133cf01bbaf2d768c2ac64",
  ],
  [
    "realAdExchange/exchange-3_cpc_results.csv",
    "e70b24dba107a2589657cb3feb9ca5605b4f3f7de49ff445f32f5991bc0bdbe5",
  ],
  [
    "realAdExchange/exchange-4_cpc_results.csv",
    "d4c13abd6f28594dc446f22106562ebe917fdbe76170f60a500c2a402ecc09e2",
  ],
  [
    "realKnownCause/ambient_temperature_system_failure.csv",
    "230b68ccca20f59d562afd5d24ad52939c9b784386bed0054018358bf9120581",
  ],
  [
    "realKnownCause/ec2_request_latency_system_failure.csv",
    "98378580aa80157e057c61d59d81daddccc6c65a2c0c800e3f01f603b8215c3f",
  ],
  [
    "realKnownCause/nyc_taxi.csv",
    "d8fa6f7f0734bf5c8be12c52a94e20a82664c397d9dec4449156bd453d32856d",
  ],
  [
    "realKnownCause/rogue_agent_key_updown.csv",
    "9797cfef477c13306f7a33874ab4d6cf700f8f2c7e5825a2a5bc02004370909a",
  ],
  [
    "realTraffic/TravelTime_387.csv",
    "38e70e9ead8227fd023bff6e93247d5bc01ee008f781b921a156962419b399bb",
  ],
  [
    "realTraffic/occupancy_6005.csv",
    "cd357d7820d675074270fd976d4af1fc1e7854ecb764783028cbcb18d980c91d",
  ],
  [
    "realTraffic/speed_6005.csv",
    "7976e7596cd1e579696c737576e96a26fe041484472ed7d0a463ce2b094d7aa7",
  ],
  [
    "realTraffic/speed_t4013.csv",
    "fa5532d6f7db36cadc73e657fd4dfef05cb1ec44d4010243b314d3f1bbd6a7b5",
  ],
  [
    "realTweets/Twitter_volume_AAPL.csv",
    "826f5cf404c2890784a7824f7102fd00cb134a4948e12e44ec320d095cbbc217",
  ],
  [
    "realTweets/Twitter_volume_CRM.csv",
    "e7133bf26479623d58fc7367107aea1cd7df6020420dece48b0eee4d26cdb28a",
  ],
  [
    "realTweets/Twitter_volume_FB.csv",
    "a7096bd646759486bda6796b5600cd33a4590f0842bf274ea7acba001b3ba591",
  ],
  [
    "realTweets/Twitter_volume_IBM.csv",
    "4309bd56d28ddcbdc168e207da9717395fa2e9f74dba41fa768e0f7da8a116fa",
  ],
  [
    "realTweets/Twitter_volume_PFE.csv",
    "18d2804d6a5dae63fe711baaba9242dce38a32bfade3dcdee1d8a7c1a866e41b",
  ],
];

/** All other files. */
export const publicFiles: readonly PublicFile[] = [
  ...nabSeries.map(([name, sha256]) => ({
    path: `nab/${name}`,
    url: nab(`data/${name}`),
    sha256,
  })),
  {
    path: "nab/LICENSE.txt",
    url: nab("LICENSE.txt"),
    sha256: "0a0b4d0b10cb1f7ed9ab2993ef93defc03447e6eba9daca1315dd32dae4877e3",
  },
  {
    path: "cloud-monitoring/outbound-01.csv",
    url: microsoftA("data/middle-tier-api-dependency-latency/outbound-01.csv"),
    sha256: "4507624af718e7d6dee7690bd6a71a0eaaba5e97a34146e56268c3eff7721b10",
  },
  {
    path: "cloud-monitoring/outbound-03.csv",
    url: microsoftB("data/middle-tier-api-dependency-latency/outbound-03.csv"),
    sha256: "5a82df79f2f8ec393fe45047af36c4f61bef2383f036f8708a44e6bec69109b6",
  },
  {
    path: "cloud-monitoring/outbound-05.csv",
    url: microsoftC("data/middle-tier-api-dependency-latency/outbound-05.csv"),
    sha256: "55f4d2b1c756eb4e7db37cc38da01d146ee3464c6817fe35b4f48d99c5095eca",
  },
  {
    path: "cloud-monitoring/outbound-07.csv",
    url: microsoftC("data/middle-tier-api-dependency-latency/outbound-07.csv"),
    sha256: "1447a425fd76ec3ae39f174e4030bdf2fe5c62486aea17965054a6c494c2e9d2",
  },
  {
    path: "cloud-monitoring/outbound-09.csv",
    url: microsoftC("data/middle-tier-api-dependency-latency/outbound-09.csv"),
    sha256: "1b58723b449d1fd9e1201b93f98d35b3103b2b4efa095ddd9460369096b52e37",
  },
  {
    path: "cloud-monitoring/outbound-11.csv",
    url: microsoftC("data/middle-tier-api-dependency-latency/outbound-11.csv"),
    sha256: "516715af65e91bc3648fdca087e5c2199b84a277dc6f559af46c7bae96bec12c",
  },
  {
    path: "cloud-monitoring/outbound-13.csv",
    url: microsoftB("data/middle-tier-api-dependency-latency/outbound-13.csv"),
    sha256: "0bf071bb0ea85775d038785952c5ddee0982012eba6bdf414102821b2d6b1585",
  },
  {
    path: "cloud-monitoring/outbound-15.csv",
    url: microsoftA("data/middle-tier-api-dependency-latency/outbound-15.csv"),
    sha256: "1ae961f1b6d9596cbae88af678544cac4d128f83533a3e3468e36b66420fbd0c",
  },
  {
    path: "cloud-monitoring/outbound-17.csv",
    url: microsoftC("data/middle-tier-api-dependency-latency/outbound-17.csv"),
    sha256: "ff7b242051a5e4368a8d4f132120be4558099e6e0a9d0f9de5cefdb18bd58ce4",
  },
  {
    path: "cloud-monitoring/outbound-19.csv",
    url: microsoftB("data/middle-tier-api-dependency-latency/outbound-19.csv"),
    sha256: "81b25b9cada2e542f89eac8457e949d95365f3b99e7fa93f9027b75efc348b35",
  },
  {
    path: "cloud-monitoring/outbound-21.csv",
    url: microsoftA("data/middle-tier-api-dependency-latency/outbound-21.csv"),
    sha256: "43cac959f153b9b4cf631fb8eaf5ac3d92cfc3e7f9fabe58f0811c78b00fdb39",
  },
  {
    path: "cloud-monitoring/outbound-23.csv",
    url: microsoftA("data/middle-tier-api-dependency-latency/outbound-23.csv"),
    sha256: "d3d0ae5082284119f4df8b995f97af1491e70a1d2e27acbd445e47d19caf64be",
  },
  {
    path: "cloud-monitoring/ecommerce-rps-01.csv",
    url: microsoftA("data/ecommerce-api-incoming-rps/api-01.csv"),
    sha256: "d175b5ca4fdca29ad7d7a5b9ebaba440204c5b14872338492bfb084ebf7baf1c",
  },
  {
    path: "cloud-monitoring/service-unavailable-01.csv",
    url: microsoftB("data/service-unavailable/unavail-01.csv"),
    sha256: "8a202b580b024fbe227475dc0b84aaaa08f23b29cc91c5a6a0da5f1ac49fa6fc",
  },
  {
    path: "api-logs/reference_logs.csv",
    url: reference("Datasets/synthetic_logs.csv"),
    sha256: "c2bd68017179b67d1e137bd357ee0a30f24b22a6ecf9df54dc8ada29e8f45136",
  },
  {
    path: "api-logs/apache_access_10k.log",
    url: elastic("Common%20Data%20Formats/apache_logs/apache_logs"),
    sha256: "f15c31e905f86c7b4b6ab44aee74d0a2086dce89f010187d983edea7ef0364ef",
  },
  {
    path: "api-logs/apache_error_2k.log",
    url: loghub("Apache/Apache_2k.log"),
    sha256: "c7efa3eb686e3a96bd2f8f4457b2a7887e9cf2f3649327f1b4e87af841363ce8",
  },
  {
    path: "api-logs/openstack_2k.log",
    url: loghub("OpenStack/OpenStack_2k.log"),
    sha256: "025a1bc64ff5b2ef4a4bda6c4ad5c5c5f18478b71cd1ad2b0676e01625629f2f",
  },
];

function raw(repository: string, commit: string): (path: string) => string {
  return (path) =>
    `https://raw.githubusercontent.com/${repository}/${commit}/${path}`;
}
