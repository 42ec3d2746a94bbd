include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

# Architecture independent, like the headers.
set(joinery_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/joinery")

# One export for each component: who does not ask for SQLite does not need to have it.
foreach(target IN ITEMS joinery joinery_sqlite)
  if(TARGET ${target})
    install(TARGETS ${target} EXPORT ${target}Targets FILE_SET HEADERS)
    install(EXPORT ${target}Targets NAMESPACE joinery:: DESTINATION "${joinery_package_dir}")
  endif()
endforeach()

configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/joineryConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/joineryConfig.cmake" INSTALL_DESTINATION "${joinery_package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/joineryConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
  "${PROJECT_BINARY_DIR}/joineryConfig.cmake"
  "${PROJECT_BINARY_DIR}/joineryConfigVersion.cmake"
  DESTINATION "${joinery_package_dir}")
