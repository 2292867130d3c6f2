/**
 * Addresses, sizes and checksums of the files of MNIST, Fashion-MNIST and CIFAR-10.
 *
 * MNIST: Y. LeCun, C. Cortes, C. Burges (1998). Fashion-MNIST: H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747. CIFAR-10: A.
 * Krizhevsky, Learning multiple layers of features from tiny images (2009).
 * Sizes and SHA-256 are those of the gzipped files whose MD5 their authors and the usual loaders publish.
 */

export interface CatalogueFile {
  /** Name of the gzipped file. */
  readonly file: string;
  /** Its size in bytes. */
  readonly bytes: number;
  readonly sha256: string;
}

export type Role = "trainImages" | "trainLabels" | "testImages" | "testLabels";

export interface CatalogueEntry {
  readonly classes: number;
  /** Addresses to which a file's name is appended, in the order in which they are tried. */
  readonly mirrors: readonly string[];
  readonly files: Readonly<Record<Role, CatalogueFile>>;
}

/** A data set that is published as one archive. */
export interface ArchiveEntry {
  /** Addresses to which the file's name is appended, in the order in which they are tried. */
  readonly mirrors: readonly string[];
  readonly archive: CatalogueFile;
}

export const CIFAR10: ArchiveEntry = {
  mirrors: ["https://www.cs.toronto.edu/~kriz/"],
  archive: {
    file: "cifar-10-binary.tar.gz",
    bytes: 170052171,
    sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  },
};

export type MnistName = "mnist" | "fashion-mnist";

export const CATALOGUE: Readonly<Record<MnistName, CatalogueEntry>> = {
  mnist: {
    classes: 10,
    mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
    files: {
      trainImages: {
        file: "train-images-idx3-ubyte.gz",
        bytes: 9912422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
      },
      trainLabels: {
        file: "train-labels-idx1-ubyte.gz",
        bytes: 28881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
      },
      testImages: {
        file: "t10k-images-idx3-ubyte.gz",
        bytes: 1648877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
      },
      testLabels: {
        file: "t10k-labels-idx1-ubyte.gz",
        bytes: 4542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
      },
    },
  },
  "fashion-mnist": {
    classes: 10,
    mirrors: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ],
    files: {
      trainImages: {
        file: "train-images-idx3-ubyte.gz",
        bytes: 26421880,
        sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
      },
      trainLabels: {
        file: "train-labels-idx1-ubyte.gz",
        bytes: 29515,
        sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
      },
      testImages: {
        file: "t10k-images-idx3-ubyte.gz",
        bytes: 4422102,
        sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
      },
      testLabels: {
        file: "t10k-labels-idx1-ubyte.gz",
        bytes: 5148,
        sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
      },
    },
  },
};
