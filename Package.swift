// swift-tools-version: 6.2
import PackageDescription

/// Every target: no warnings, explicit existentials, imports that say what they re-export.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    // Overlapping access to a variable is looked for in debug builds, which the tests also run; in a release build
    // the look costs a quarter of the instructions outside the kernel.
    .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release)),
]

/// Everything that must not touch a pointer: strict memory safety on top, as an error.
let safe: [SwiftSetting] =
    strict + [
        .strictMemorySafety(),
        .treatWarning("StrictMemorySafety", as: .error),
    ]

let package = Package(
    name: "swerve",
    products: [
        .executable(name: "swerve", targets: ["swerve"]),
        // Preloaded into the balancer by tests, so each has to be a library of its own.
        .library(name: "AllocationCounter", type: .dynamic, targets: ["AllocationCounter"]),
        .library(name: "FaultInjector", type: .dynamic, targets: ["FaultInjector"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CLibevent",
            pkgConfig: "libevent_core libevent_extra",
            providers: [.apt(["libevent-dev"])]
        ),
        .target(name: "CEventShims", dependencies: ["CLibevent"]),
        .target(name: "Events", dependencies: ["CLibevent", "CEventShims"], swiftSettings: strict),
        .target(name: "HTTPMessages", swiftSettings: safe),
        .target(name: "Balancing", swiftSettings: safe),
        .target(
            name: "Observability",
            dependencies: ["HTTPMessages"],
            resources: ["page.html", "page.css", "page.js"].map { .embedInCode("StatusPage/\($0)") },
            swiftSettings: safe
        ),
        .target(name: "Configuration", dependencies: ["Balancing"], swiftSettings: safe),
        .target(
            name: "Upstreams",
            dependencies: ["Events", "Balancing", "Observability", "Configuration"],
            swiftSettings: safe
        ),
        .target(name: "Discovery", dependencies: ["Events"], swiftSettings: safe),
        .target(
            name: "HealthChecks",
            dependencies: [
                "Discovery", "Upstreams", "Events", "HTTPMessages", "Observability", "Configuration",
            ],
            swiftSettings: safe
        ),
        .target(
            name: "Proxying",
            dependencies: [
                "Upstreams", "Events", "Balancing", "HTTPMessages", "Configuration", "Observability",
            ],
            swiftSettings: safe
        ),
        .target(
            name: "Serving",
            dependencies: [
                "Proxying", "HealthChecks", "Upstreams", "Events", "Balancing", "Observability",
                "Configuration", "HTTPMessages", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "swerve",
            dependencies: [
                "Serving", "Configuration", "Balancing", "Events",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "swerve-bench",
            dependencies: ["Proxying", "HTTPMessages", "Balancing", "Observability"],
            path: "Sources/SwerveBench",
            swiftSettings: safe
        ),
        .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
        .target(name: "FaultInjector", path: "Tests/FaultInjector"),
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),
        .target(
            name: "LoopSupport",
            dependencies: ["Events"],
            path: "Tests/LoopSupport",
            swiftSettings: strict
        ),
        // What fuzzing feeds inputs to; the tests below run it on saved and on mutated inputs, Scripts/fuzz on many more.
        .target(
            name: "MessageFuzz",
            dependencies: ["Proxying", "Observability", "HTTPMessages"],
            path: "Tests/Fuzz/Bodies",
            swiftSettings: strict
        ),
        .testTarget(name: "FuzzTests", dependencies: ["MessageFuzz", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "HTTPMessagesTests", dependencies: ["HTTPMessages"], swiftSettings: strict),
        .testTarget(name: "BalancingTests", dependencies: ["Balancing"], swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["Configuration", "Balancing", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CommandLineTests",
            dependencies: [
                "swerve", "Configuration", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HealthChecksTests",
            dependencies: [
                "HealthChecks", "Discovery", "Upstreams", "Events", "Configuration", "Observability",
                "LoopSupport",
                "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DiscoveryTests",
            dependencies: ["Discovery", "Events", "LoopSupport", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "UpstreamsTests",
            dependencies: ["Upstreams", "Events", "Balancing", "Observability", "Configuration"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ProxyingTests",
            dependencies: [
                "Proxying", "HTTPMessages", "Observability", "Upstreams", "Events", "Configuration",
                "TestSupport",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ObservabilityTests",
            dependencies: ["Observability", "HTTPMessages", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(name: "EventsTests", dependencies: ["Events"], swiftSettings: strict),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Serving", "Events", "Configuration", "Observability", "Proxying", "Upstreams", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["TestSupport", "swerve"],
            swiftSettings: strict
        ),
    ]
)

// libFuzzer counts the edges of everything that is linked, so its build is one of its own: Scripts/fuzz makes it.
if Context.environment["SWERVE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "swerve-fuzz",
            dependencies: ["MessageFuzz"],
            path: "Tests/Fuzz/Driver",
            swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]
        )
    )
}

// Only Scripts/docs needs DocC's plugin; a build fetches two packages and no more.
if Context.environment["SWERVE_DOCS"] != nil {
    package.dependencies.append(
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0")
    )
}
